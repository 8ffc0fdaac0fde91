/// What a benchmark found: one number a round, beside the reference's number of the same round.
struct Figure: Codable, Sendable {
    enum Better: String, Codable, Sendable { case higher, lower }

    /// What the goal is about.
    enum Measure: String, Codable, Sendable {
        /// ``Figure/ratio``.
        case ratio
        /// The median of ``Figure/ours``, in the figure's unit.
        case value
    }

    struct Goal: Codable, Sendable {
        var measure = Measure.ratio
        /// At least this where higher is better, else at most this.
        var bound: Double
    }

    struct Reference: Codable, Sendable {
        var name: String
        var values: [Double]
    }

    var name: String
    var unit: String
    var better: Better
    var ours: [Double]
    var reference: Reference?
    var goal: Goal?
    /// Counted, not timed: no noise excuses a miss, and the run fails.
    var isCounted = false
    /// What else a reader must know: how much was moved, what was left out.
    var note: String?

    init(
        _ name: String, unit: String, better: Better, ours: [Double], reference: Reference? = nil, goal: Goal? = nil,
        note: String? = nil
    ) {
        self.name = name
        self.unit = unit
        self.better = better
        self.ours = ours
        self.reference = reference
        self.goal = goal
        self.note = note
    }

    /// Ours over the reference's, of each round by itself: what disturbs the machine disturbs both.
    var ratios: [Double] { reference.map { zip(ours, $0.values).map { $0 / $1 } } ?? [] }

    /// Whether the goal is met; nil without one, or without its reference.
    var isMet: Bool? {
        guard let goal else { return nil }
        let values = goal.measure == .ratio ? ratios : ours
        guard !values.isEmpty else { return nil }
        let median = Spread(values).median
        return better == .higher ? median >= goal.bound : median <= goal.bound
    }
}

/// Median, least and greatest of a few rounds.
struct Spread: Sendable {
    var median: Double
    var least: Double
    var greatest: Double

    init(_ values: [Double]) {
        let sorted = values.sorted()
        precondition(!sorted.isEmpty, "a spread needs a value")
        let middle = sorted.count / 2
        median = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
        (least, greatest) = (sorted[0], sorted[sorted.count - 1])
    }
}
