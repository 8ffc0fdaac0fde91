/// What is counted for one kind, group or whatever else is scored together. All figures follow from these numbers.
public struct Tally: Sendable, Equatable {
    public var sensors = 0
    /// First hits of labels that must be found, and of those that may be.
    public var hits = 0
    public var optionalHits = 0
    /// Incidents that nothing excuses; those of the wrong class among them.
    public var falseAlarms = 0
    public var wrongClass = 0
    /// Further incidents of events that were found.
    public var duplicates = 0
    public var notCounted = 0
    /// Events that had to be found, and how many were, by type.
    public var eventsByType: [String: Found] = [:]
    /// From an event's start to its first incident at any sensor, ms, for each event that was found.
    public var delaysMs: [Int64] = []
    /// Evaluated time of all sensors outside their labels, ms.
    public var exposureMs: Int64 = 0

    /// How many of how many.
    public struct Found: Sendable, Equatable {
        public var found = 0
        public var all = 0

        public init(found: Int = 0, all: Int = 0) { (self.found, self.all) = (found, all) }
    }

    public init() {}

    public var events: Int { eventsByType.values.reduce(0) { $0 + $1.all } }
    public var eventsFound: Int { eventsByType.values.reduce(0) { $0 + $1.found } }
}

/// Figures. A ratio of nothing is not a number.
extension Tally {
    /// A month of 30.44 days, ms.
    static let monthMs = 30.44 * 86_400_000

    private var right: Double { Double(hits + optionalHits) }

    /// Share of incidents that were of something, duplicates set aside.
    public var precision: Double { right / (right + Double(falseAlarms)) }
    /// The same with duplicates counted as false: whoever is sent twice was sent once for nothing.
    public var strictPrecision: Double { right / (right + Double(falseAlarms + duplicates)) }
    /// Share of events that at least one sensor's incident found.
    public var recall: Double { Double(eventsFound) / Double(events) }
    public var f1: Double { harmonicMean(precision) }
    /// F1s: ``strictPrecision`` with ``recall``.
    public var strictF1: Double { harmonicMean(strictPrecision) }
    public var sensorMonths: Double { Double(exposureMs) / Self.monthMs }
    public var falseAlarmsPerSensorMonth: Double { Double(falseAlarms) / sensorMonths }
    /// Hours.
    public var medianDelayH: Double { delayH(0.5) }
    public var p90DelayH: Double { delayH(0.9) }

    private func delayH(_ share: Double) -> Double { quantile(delaysMs.map(Double.init), share) / 3_600_000 }

    private func harmonicMean(_ precision: Double) -> Double {
        guard events > 0 else { return .nan }
        return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
    }
}

/// The quantile of a sample, interpolated between order statistics: type 7 of Hyndman & Fan, The American Statistician
/// 50 (1996), as most programs compute it. Not a number for no values.
func quantile(_ values: [Double], _ share: Double) -> Double {
    guard !values.isEmpty else { return .nan }
    let sorted = values.sorted()
    let place = share * Double(sorted.count - 1)
    let below = Int(place)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (sorted[above] - sorted[below]) * (place - Double(below))
}
