public import Readings

/// What single workdays do otherwise than workdays in general: a laundry that runs on Tuesday and Thursday nights.
///
/// For each hour of Monday to Friday, the mean distance from the workday profile. It counts only where it stands out:
/// two and a half standard errors of how much the same hour differs from week to week. In four of five districts
/// nothing does, and nothing is corrected.
///
/// - Complexity: O(1). Nothing allocates after `init`. Memory: 0.7 kB.
/// - Source: between-group against within-group variation, hour by hour: Fisher, Statistical Methods for Research
///   Workers (1925), ch. VII.
public struct WeekdayHabits: Sendable, Equatable, StateCodable {
    private var means = Array(repeating: Float(0), count: 5 * 24)
    /// Values learned, to 255.
    private var counts = Array(repeating: UInt8(0), count: 5 * 24)
    /// By hour: mean distance of a value from its own weekday's mean.
    private var within = Array(repeating: Float(0), count: 24)
    private var withinCounts = Array(repeating: UInt8(0), count: 24)

    public init() {}

    /// What to add to the workday profile at this time; 0 on weekends.
    public func correction(_ local: LocalTime) -> Double {
        guard local.weekday < 5 else { return 0 }
        let (hour, place) = Self.place(local)
        // Two weeks at least, and a notion of what is ordinary.
        guard counts[place] >= 5, withinCounts[hour] >= 20 else { return 0 }
        let mean = Double(means[place])
        let error = 1.2533 * Double(within[hour]) / Double(min(counts[place], 16)).squareRoot()
        return abs(mean) >= 2.5 * error ? mean : 0
    }

    /// Learns how far a workday's value lay from the workday profile.
    public mutating func learn(_ residual: Double, _ local: LocalTime) {
        guard local.weekday < 5 else { return }
        let (hour, place) = Self.place(local)
        let distance = Float(residual) - means[place]
        if counts[place] >= 4 {
            if withinCounts[hour] < .max { withinCounts[hour] += 1 }
            within[hour] += max(0.02, 1 / Float(withinCounts[hour])) * (abs(distance) - within[hour])
        }
        if counts[place] < .max { counts[place] += 1 }
        // Four weeks of memory.
        means[place] += max(1.0 / 16, 1 / Float(counts[place])) * distance
    }

    private static func place(_ local: LocalTime) -> (hour: Int, place: Int) {
        let hour = local.secondOfDay / 3600
        return (hour, local.weekday * 24 + hour)
    }

    public mutating func code(_ coder: inout StateCoder) {
        coder.code(&means)
        coder.code(&counts)
        coder.code(&within)
        coder.code(&withinCounts)
    }
}
