internal import Readings

/// Finds what is unlike the past in a series of which nothing else is known: a jump, or a level that lasts.
///
/// Two control charts side by side: the step from the reading before, and the mean of the last hundred readings or so. Each is
/// compared with its own past mean and deviation, fading over 4 000 readings (a fortnight of five minutes). A mean out
/// by three deviations opens, and a step out by five: single readings are wilder than means, and a step like one of
/// yesterday's at this time, or like three before, is a habit (``LargeSteps``). One incident lasts until sixty readings in
/// a row were calm, so that it is told once.
///
/// A deviation counts as a fiftieth of the range seen so far at least: a series that has hardly moved yet must not
/// cry at its first ripple. It never looks ahead, and learns on through an incident, so that a new normal is adopted.
///
/// - Complexity: O(1) a reading. Memory: 1.2 kB.
/// - Source: Shewhart, Economic Control of Quality (1931); charts for individuals and means side by side: Montgomery,
///   Introduction to Statistical Quality Control, ch. 6. Why not more: on the Numenta benchmark (Lavin & Ahmad, ICMLA
///   2015) neither tails fitted to extremes, contexts, daily profiles nor records added to it.
struct AnomalyDetector: Sendable, Equatable, StateCodable {
    private let parameters: AnomalyParameters
    private var levels: ExponentialMoments
    private var steps: ExponentialMoments
    private var habits = LargeSteps()
    private var recent: RecentMean
    private var before = 0.0
    private var lowest = Double.infinity, highest = -Double.infinity
    private var count = 0
    private var calm = 0
    private var isOpen = false
    private var sinceMs: Int64 = 0

    init(parameters: AnomalyParameters) {
        self.parameters = parameters
        levels = ExponentialMoments(memory: parameters.memory)
        steps = ExponentialMoments(memory: parameters.memory)
        recent = RecentMean(capacity: parameters.meanOf)
    }

    /// Folds in a value.
    ///
    /// - Returns: nil while too little is known.
    mutating func observe(_ value: Double, atMs: Int64) -> Finding? {
        (lowest, highest) = (min(lowest, value), max(highest, value))
        let floor = parameters.leastShare * (highest - lowest)
        let step = count == 0 ? 0 : value - before
        let previous = before
        before = value
        recent.append(value)
        let mean = recent.mean
        let levelScore = levels.standardScore(mean, floor: floor)
        let stepScore = steps.standardScore(step, floor: floor)
        let usual = levels.mean
        // Where this step would have opened.
        let farStep =
            steps.mean + (stepScore < 0 ? -1 : 1) * parameters.stepOpens * max(steps.variance.squareRoot(), floor)
        levels.append(mean)
        steps.append(step)
        let isHabit = isLarge(stepScore) && habits.append(step, atMs: atMs)
        count = min(count + 1, parameters.warmUp)
        guard count >= parameters.warmUp else { return nil }
        let level = levelScore.magnitude / parameters.levelOpens
        let jump = isHabit ? 0 : stepScore.magnitude / parameters.stepOpens
        let score = max(level, jump)
        follow(score, atMs: atMs)
        let spread = max(levels.variance.squareRoot(), floor)
        return Finding(
            condition: isOpen ? (calm == 0 ? .abnormal : .between) : .normal, onsetMs: isOpen ? sinceMs : atMs,
            score: score, observed: jump > level ? value : mean, expected: jump > level ? previous : usual,
            threshold: jump > level
                ? previous + farStep
                : usual + (mean < usual ? -1 : 1) * parameters.levelOpens * spread,
            spread: spread)
    }

    func baseline(fromMs: Int64, toMs: Int64) -> Baseline? {
        guard count >= parameters.warmUp else { return nil }
        let floor = parameters.leastShare * (highest - lowest)
        let reach = Interval.sigmas * max(levels.variance.squareRoot(), floor)
        return .constant(levels.mean, low: levels.mean - reach, high: levels.mean + reach, fromMs: fromMs, toMs: toMs)
    }

    /// What is worth remembering: a step of nearly the size that opens, for tomorrow's may be a little larger.
    private func isLarge(_ stepScore: Double) -> Bool { stepScore.magnitude >= 0.6 * parameters.stepOpens }

    /// - Parameter score: 1 is where either chart opens.
    private mutating func follow(_ score: Double, atMs: Int64) {
        calm = score >= 1 ? 0 : min(calm + 1, parameters.calmReadings)
        if calm == parameters.calmReadings { isOpen = false }
        guard !isOpen, calm == 0 else { return }
        (isOpen, sinceMs) = (true, atMs)
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&levels)
        coder.code(&steps)
        coder.code(&habits)
        coder.code(&recent)
        coder.code(&before)
        coder.code(&lowest)
        coder.code(&highest)
        coder.code(&count, in: 0...parameters.warmUp)
        coder.code(&calm, in: 0...parameters.calmReadings)
        coder.code(&isOpen)
        coder.code(&sinceMs)
    }
}

/// When a series is unlike its past.
public struct AnomalyParameters: Sendable, Equatable {
    /// Deviations of the mean that open: one in 270 by chance if means were normal and independent, and they are not
    /// quite. A tenth more misses two of the benchmark's nine windows, a tenth less none.
    public var levelOpens = 2.9
    /// Deviations of a step that open.
    public var stepOpens = 5.0
    /// Readings in the mean: eight hours of five minutes, four days of hours. It must outlast the crests of a day, which are
    /// no news: a quarter of it finds as much, and cries twice as often.
    public var meanOf = 96
    /// Readings that are remembered.
    public var memory = 4000.0
    /// The least deviation, as a share of the range seen so far.
    public var leastShare = 0.02
    /// Readings before anything is judged.
    public var warmUp = 150
    /// Calm readings in a row that close.
    public var calmReadings = 60

    public init() {}

    func problems(_ key: String) -> [String] {
        var found: [String] = []
        if levelOpens <= 0 || stepOpens <= 0 {
            found.append("\(key): level_opens and step_opens must be above 0, found \(levelOpens) and \(stepOpens)")
        }
        if !(1...1000).contains(meanOf) { found.append("\(key).mean_of: must be 1–1000, found \(meanOf)") }
        if !(10...1e9).contains(memory) { found.append("\(key).memory: must be 10–1e9, found \(memory)") }
        if !(0...1).contains(leastShare) { found.append("\(key).least_share: must be 0–1, found \(leastShare)") }
        if warmUp < 10 { found.append("\(key).warm_up: must be 10 or more, found \(warmUp)") }
        if calmReadings < 1 { found.append("\(key).calm_readings: must be 1 or more, found \(calmReadings)") }
        return found
    }
}
