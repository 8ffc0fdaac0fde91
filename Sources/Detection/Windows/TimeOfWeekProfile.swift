public import Readings

/// What is usual at this time of the week: a level and a mean absolute deviation for each quarter of an hour of a
/// workday, a Saturday and a Sunday, on the local clock.
///
/// In the unit of its values. Each quarter is an exponential average whose steps are clipped, so that a single odd day
/// moves it little; quarters are read smoothed with their neighbours. A weekend that has been seen little borrows its
/// deviation from workdays. Where nobody asks for deviations they are not kept, and a step is half the level at most.
///
/// - Complexity: O(1) to learn and to look up. Nothing allocates after `init`.
/// - Memory: 2.6 kB; 1.5 kB without deviations.
/// - Source: weekly demand profiles: Bakker et al., Environmental Modelling & Software 48 (2013); clipped steps: Huber,
///   Annals of Mathematical Statistics 35 (1964).
public struct TimeOfWeekProfile: Sendable, Equatable, StateCodable {
    public static let quarters = 96

    /// The weights of a new value in the level and in the deviation. .06 forgets half in eleven days of its kind.
    private static let levelRate = 0.06, deviationRate = 0.12

    private var levels: [Float]
    /// Empty where they are not kept.
    private var deviations: [Float]
    private var counts: [UInt8]

    public init(keepsDeviations: Bool = true) {
        let size = 3 * Self.quarters
        levels = Array(repeating: 0, count: size)
        deviations = Array(repeating: 0, count: keepsDeviations ? size : 0)
        counts = Array(repeating: 0, count: size)
    }

    /// Values learned for this quarter; counting stops at 255.
    public func count(_ dayType: DayType, quarter: Int) -> Int { Int(counts[place(dayType, quarter)]) }

    /// What is expected, and how far values usually lie from it (0 where that is not kept). Nil while neither the day type nor workdays have seen
    /// this time of day.
    public func expected(_ dayType: DayType, quarter: Int) -> (level: Double, deviation: Double)? {
        if let own = smoothed(dayType, quarter) {
            guard dayType != .workday, let workday = smoothed(.workday, quarter) else { return own }
            let seen = Double(count(dayType, quarter: quarter))
            let trust = seen / (seen + 3)
            return (own.level, own.deviation * trust + workday.deviation * (1 - trust))
        }
        return smoothed(.workday, quarter)
    }

    public mutating func learn(_ value: Double, _ dayType: DayType, quarter: Int) {
        let at = place(dayType, quarter)
        let seen = Double(counts[at])
        if counts[at] < .max { counts[at] += 1 }
        guard seen > 0 else {
            levels[at] = Float(value)
            return
        }
        let level = Double(levels[at])
        let deviation = deviations.isEmpty ? 0.125 * abs(level) : Double(deviations[at])
        let limit = seen < 4 ? .infinity : max(4 * deviation, 0.02 * abs(level))
        let distance = min(max(value - level, -limit), limit)
        levels[at] = Float(level + max(Self.levelRate, 1 / (seen + 1)) * distance)
        guard !deviations.isEmpty else { return }
        deviations[at] = Float(deviation + max(Self.deviationRate, 1 / seen) * (abs(distance) - deviation))
    }

    /// Moves every level that has been learned: what is measured has been re-based.
    public mutating func add(_ shift: Double) {
        for at in levels.indices where counts[at] > 0 { levels[at] += Float(shift) }
    }

    /// Changes every level that has been learned, and scales the deviations with them.
    public mutating func apply(_ change: DayFit.Change) {
        for at in levels.indices where counts[at] > 0 { levels[at] = Float(change.applied(to: Double(levels[at]))) }
        for at in deviations.indices { deviations[at] *= Float(1 + change.share) }
    }

    private func place(_ dayType: DayType, _ quarter: Int) -> Int { dayType.rawValue * Self.quarters + quarter }

    /// Weights 1, 2, 1 over the quarters that have been seen; midnight joins the day's ends.
    private func smoothed(_ dayType: DayType, _ quarter: Int) -> (level: Double, deviation: Double)? {
        let at = place(dayType, quarter)
        guard counts[at] > 0 else { return nil }
        let before = place(dayType, quarter == 0 ? Self.quarters - 1 : quarter - 1)
        let after = place(dayType, quarter == Self.quarters - 1 ? 0 : quarter + 1)
        let keepsDeviations = !deviations.isEmpty
        var (level, deviation, weight) = (2 * Double(levels[at]), keepsDeviations ? 2 * Double(deviations[at]) : 0, 2.0)
        func add(_ neighbour: Int) {
            guard counts[neighbour] > 0 else { return }
            level += Double(levels[neighbour])
            if keepsDeviations { deviation += Double(deviations[neighbour]) }
            weight += 1
        }
        add(before)
        add(after)
        return (level / weight, deviation / weight)
    }

    public mutating func code(_ coder: inout StateCoder) {
        coder.code(&levels)
        coder.code(&deviations)
        coder.code(&counts)
    }
}
