internal import Readings
internal import TimeBase

/// A container's filling since it was last emptied, and when it will be full.
///
/// Filling is counted in days of an ``ActivityClock``, so that a quiet night does not look like a bin that has stopped
/// filling, nor noon like one that overflows by evening. The cycle's own rate is drawn towards the bin's usual one, as
/// if that had been seen for a day: a gamma prior on a rate whose counts are Poisson.
///
/// - Complexity: O(24) a reading. Memory: 0.4 kB.
/// - Source: per-bin rates against learned models: on real bins both err alike; shrinkage of rates: Efron & Morris,
///   JASA 70 (1975).
struct FillCycle: Sendable, Equatable, StateCodable {
    private let fullPercent: Double
    /// The lowest level of the cycle, with which it began.
    private(set) var startPercent = 0.0
    private var startMs = Int64.min
    private var highest = 0.0
    /// The cycle's age when it was last seen to fill.
    private var daysToHighest = 0.0
    private var level = ExponentialAverage(rate: 0.35)
    /// The age to which the smoothed level belongs: smoothed alike, one reading behind for the filter of spikes.
    private var age = ExponentialAverage(rate: 0.35)
    private var lastMs: Int64 = 0
    private var lowReadings = 0
    private var clock = ActivityClock(perDay: 20)
    /// The cycle's age on the clock.
    private var days = 0.0
    /// Percent a day, over whole cycles.
    private var usualRate = ExponentialAverage(rate: 0.15)
    /// The hour that is being learned from: its number since 1970, and the level with which it began.
    private var hour = Int64.min
    private var hourLevel = 0.0

    private static let brimPercent = 90.0

    init(fullPercent: Double) { self.fullPercent = fullPercent }

    /// Folds in a level that has been cleared of spikes.
    ///
    /// - Returns: Whether it was emptied just now.
    mutating func observe(_ percent: Double, atMs: Int64, zone: ZoneTable, isLearning: Bool) -> Bool {
        guard startMs != .min else {
            begin(percent, atMs: atMs)
            return false
        }
        // A fall by a quarter of the bin, to under half of what it was, twice.
        lowReadings = percent < highest - 25 && percent < 0.5 * highest ? lowReadings + 1 : 0
        if lowReadings >= 2 {
            if isLearning, daysToHighest >= 0.5 { usualRate.append((highest - startPercent) / daysToHighest) }
            begin(percent, atMs: atMs)
            return true
        }
        if lowReadings == 0 {
            level.append(percent)
            age.append(days)
            days += clock.days(from: lastMs, to: atMs, zone: zone)
            // At the brim time passes and nothing is gained.
            if highest < Self.brimPercent { daysToHighest = age.level }
            highest = max(highest, level.level)
            lastMs = atMs
            learnHour(atMs: atMs, zone: zone, isLearning: isLearning)
        }
        return false
    }

    /// When it will be full, and between when and when nine times in ten, event times.
    struct Forecast: Sendable, Equatable, BitwiseCopyable, StateCodable {
        var atMs: Int64 = 0, lowMs: Int64 = 0, highMs: Int64 = 0

        mutating func code(_ coder: inout StateCoder) {
            coder.code(&atMs)
            coder.code(&lowMs)
            coder.code(&highMs)
        }
    }

    /// When it will be full; now when it is; nil when it does not fill.
    ///
    /// What has been gained tells the rate, and what is missing will come, in portions: with `p` the size of one, the
    /// rate's relative variance is `p / gained`, and that of the missing portions' number `p / missing`.
    func forecast(zone: ZoneTable) -> Forecast? {
        guard startMs != .min else { return nil }
        let missing = fullPercent - level.level
        guard missing > 0 else { return Forecast(atMs: lastMs, lowMs: lastMs, highMs: lastMs) }
        let rate = ratePerDay
        guard rate > 0.2 else { return nil }
        let needed = missing / rate
        let known = max(0, level.level - startPercent) + (usualRate.count > 0 ? usualRate.level : 0)
        let sigma =
            needed
            * (Self.portionPercent / max(known, Self.portionPercent) + Self.portionPercent / missing)
            .squareRoot()
        let behind = days - age.level
        let moment = { (days: Double) in clock.moment(after: max(0, days - behind), from: lastMs, zone: zone) }
        return Forecast(
            atMs: moment(needed), lowMs: moment(needed - Interval.sigmas * sigma),
            highMs: moment(needed + Self.lateSigmas * sigma))
    }

    /// Who forecasts when the end looks near is early rather than late: a bin may hardly fill for a day. In σ.
    private static let lateSigmas = 5.0

    /// What comes into a bin at once, percent of it, as far as it makes forecasts err.
    private static let portionPercent = 4.0

    /// The cycle's own rate, drawn to the usual one as if that had been seen for a day.
    private var ratePerDay: Double {
        let gained = max(0, level.level - startPercent)
        let prior = usualRate.count > 0 ? 1.0 : 0
        return age.level + prior > 0.02 ? (gained + prior * usualRate.level) / (age.level + prior) : 0
    }

    private mutating func learnHour(atMs: Int64, zone: ZoneTable, isLearning: Bool) {
        let now = floorDivide(atMs, hourMs)
        guard now != hour else { return }
        // Near the brim nothing can be seen of what comes.
        if now == hour + 1, isLearning, level.level < Self.brimPercent {
            let local = LocalTime(atMs: atMs - 2 * hourMs, in: zone)
            // The level is an hour and more behind.
            clock.learn(level.level - hourLevel, hour: local.secondOfDay / 3600)
        }
        (hour, hourLevel) = (now, level.level)
    }

    private mutating func begin(_ percent: Double, atMs: Int64) {
        startPercent = percent
        startMs = atMs
        lastMs = atMs
        (days, daysToHighest) = (0, 0)
        highest = percent
        lowReadings = 0
        hour = .min
        (level, age) = (ExponentialAverage(rate: 0.35), ExponentialAverage(rate: 0.35))
        level.append(percent)
        age.append(0)
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&startPercent)
        coder.code(&startMs)
        coder.code(&highest)
        coder.code(&daysToHighest)
        coder.code(&level)
        coder.code(&age)
        coder.code(&lastMs)
        coder.code(&lowReadings)
        coder.code(&clock)
        coder.code(&days)
        coder.code(&usualRate)
        coder.code(&hour)
        coder.code(&hourLevel)
    }
}
