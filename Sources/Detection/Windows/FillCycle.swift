/// A container's filling since it was last emptied, and when it will be full.
///
/// - Complexity: O(1). Memory: 0.2 kB.
struct FillCycle: Sendable, Equatable {
    private let fullPercent: Double
    /// The lowest level of the cycle, with which it began.
    private(set) var startPercent = 0.0
    private var startMs = Int64.min
    private var highest = 0.0
    private var level = ExponentialAverage(rate: 0.35)
    private var lastMs: Int64 = 0
    private var lowReadings = 0
    /// Percent an hour, over whole cycles.
    private var usualRate = ExponentialAverage(rate: 0.25)

    init(fullPercent: Double) { self.fullPercent = fullPercent }

    /// Folds in a level that has been cleared of spikes.
    ///
    /// - Returns: Whether it was emptied just now.
    mutating func observe(_ percent: Double, atMs: Int64, isLearning: Bool) -> Bool {
        guard startMs != .min else {
            begin(percent, atMs: atMs)
            return false
        }
        // A fall by a quarter of the bin, to under half of what it was, twice.
        lowReadings = percent < highest - 25 && percent < 0.5 * highest ? lowReadings + 1 : 0
        if lowReadings >= 2 {
            let hours = Double(lastMs - startMs) / Double(hourMs)
            if isLearning, hours >= 6 { usualRate.append(max(0, (highest - startPercent) / hours)) }
            begin(percent, atMs: atMs)
            return true
        }
        if lowReadings == 0 {
            level.append(percent)
            highest = max(highest, level.level)
            lastMs = atMs
        }
        return false
    }

    /// When it will be full, event time; now when it is; nil when it does not fill.
    var fullAtMs: Int64? {
        guard startMs != .min else { return nil }
        let missing = fullPercent - level.level
        guard missing > 0 else { return lastMs }
        let rate = ratePerHour
        guard rate > 0.01 else { return nil }
        return lastMs + Int64(missing / rate * Double(hourMs))
    }

    /// The cycle's own rate, drawn to the usual one as if that had been seen for half a day.
    private var ratePerHour: Double {
        let hours = Double(lastMs - startMs) / Double(hourMs)
        let gained = max(0, level.level - startPercent)
        let prior = usualRate.count > 0 ? 12.0 : 0
        return hours + prior > 0 ? (gained + prior * usualRate.level) / (hours + prior) : 0
    }

    private mutating func begin(_ percent: Double, atMs: Int64) {
        startPercent = percent
        startMs = atMs
        lastMs = atMs
        highest = percent
        lowReadings = 0
        level = ExponentialAverage(rate: 0.35)
        level.append(percent)
    }
}
