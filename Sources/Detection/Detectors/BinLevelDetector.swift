internal import Readings

/// Tells when a bin is full, and when it will be.
///
/// Ultrasonic levels jump: a bag under the lid echoes as full, a gap as empty. So the median of seven must be high
/// twice, or single levels very high twice once the median has begun to follow. The forecast is ``FillCycle``'s; it
/// speaks when the bin will be full within the lead time of a collection round, and is silent again when the bin is
/// full, is emptied, or fills no more. It goes by the median of three, which no single echo moves: waiting for the
/// median of seven and for two forecasts more foresaw half as many of the bins that fill within an afternoon, and was
/// wrong as often.
///
/// A jump to the very top that stays flat is a blocked lens, and a level that never leaves zero is one too: see
/// ``isBlocked``. A load tipped in at once is ``DumpingDetector``'s.
///
/// - Complexity: O(7) a reading, and O(24) for the forecast. Memory: 1 kB.
/// - Source: thresholds measured on labelled series; running medians: Tukey, Exploratory Data Analysis (1977).
struct BinLevelDetector: Sendable, Equatable, StateCodable {
    // Once in memory for all bins.
    private let shared: SharedParameters
    private var levels = SortedWindow(capacity: 7)
    private var filter = MedianOfThree()
    private var cycle: FillCycle
    private var dumping: DumpingDetector
    private var lens = LensMonitor()
    private var highMedians = 0, highLevels = 0, lowMedians = 0, lateForecasts = 0
    private var raisedSinceMs: Int64 = 0
    private var soonSinceMs: Int64 = 0

    init(_ shared: SharedParameters) {
        self.shared = shared
        cycle = FillCycle(fullPercent: shared.values.bin.forecastPercent)
        dumping = DumpingDetector(parameters: shared.values.bin)
    }

    private var parameters: BinParameters { shared.values.bin }

    /// What one level says.
    struct Findings: Sendable {
        /// Full now.
        var full: Finding
        /// Full within the lead time.
        var soon: Finding
        /// A load tipped in at once.
        var dumped: Finding
    }

    /// The lens sees the same whatever the bin holds: a fault, not a full bin.
    var isBlocked: Bool { lens.isBlocked }
    var blockedSinceMs: Int64 { lens.sinceMs }

    /// When the bin will be at ``BinParameters/forecastPercent``, event time; nil when it does not fill.
    var forecastMs: Int64? { forecast?.atMs }
    private var forecast: FillCycle.Forecast?

    /// Folds in a level, percent.
    ///
    /// - Returns: nil while a blocked lens hides the level, or may do so.
    mutating func observe(_ level: Double, atMs: Int64, zone: ZoneTable, isLearning: Bool) -> Findings? {
        lens.observe(level, median: levels.median, count: levels.count, atMs: atMs)
        // What a blocked lens saw was no level.
        if lens.isBlocked { dumping.forget() }
        let wasLoaded = dumping.isLoaded
        var dumped = dumping.observe(level, atMs: atMs)
        guard !lens.isDoubtful else { return nil }
        if dumping.isLoaded, !wasLoaded || levels.median < dumping.least - parameters.dumpRise {
            // The level was another one before the load: the load's own speak from here.
            levels.removeAll()
            for earlier in dumping.threeBefore { levels.append(earlier) }
        }
        let filtered = filter.append(level)
        if cycle.observe(filtered, atMs: atMs, zone: zone, isLearning: isLearning) {
            // Emptied: what was before says nothing of what is. Two low levels told.
            levels.removeAll()
            levels.append(min(level, cycle.startPercent))
            (highMedians, highLevels) = (0, 0)
            dumping.restart()
            dumped.condition = .normal
        }
        levels.append(level)
        forecast = cycle.forecast(zone: zone)
        let full = judge(level, isDumped: dumping.isLoaded && dumping.least >= parameters.fullPercent, atMs: atMs)
        let soon = judgeForecast(of: filtered, atMs: atMs, isFull: full.condition == .abnormal)
        return Findings(full: full, soon: soon, dumped: dumped)
    }

    private mutating func judge(_ level: Double, isDumped: Bool, atMs: Int64) -> Finding {
        let p = parameters
        let median = levels.median
        highMedians = levels.count >= 5 && median >= p.fullPercent ? highMedians + 1 : 0
        // A bag under the lid echoes as full a few times in a row: the median must have begun to follow.
        highLevels = levels.count >= 5 && level >= p.overflowPercent && median >= p.followPercent ? highLevels + 1 : 0
        lowMedians = median < p.clearPercent ? lowMedians + 1 : 0
        // Four levels that agree after a load are as good as a median.
        let isFull = highMedians >= 2 || highLevels >= 2 || isDumped
        if !isFull || raisedSinceMs == 0 { raisedSinceMs = atMs }
        // Where the median has yet to follow, what decided is the level itself, or the least of a load's four.
        let isAhead = isFull && highMedians < 2
        let isBrimful = isAhead && highLevels >= 2
        return Finding(
            condition: isFull ? .abnormal : lowMedians >= 2 ? .normal : .between,
            onsetMs: raisedSinceMs, score: max(0, median / 100),
            observed: isBrimful ? level : isAhead ? dumping.least : median,
            expected: cycle.startPercent, threshold: isBrimful ? p.overflowPercent : p.fullPercent)
    }

    private mutating func judgeForecast(of filtered: Double, atMs: Int64, isFull: Bool) -> Finding {
        let p = parameters
        let leadMs = forecastMs.map { $0 - atMs } ?? .max
        let isSoon = levels.count >= 4 && filtered >= p.forecastFromPercent && leadMs <= p.leadTimeMs
        lateForecasts = leadMs > 4 * p.leadTimeMs ? lateForecasts + 1 : 0
        if !isSoon || soonSinceMs == 0 { soonSinceMs = atMs }
        return Finding(
            condition: isSoon && !isFull ? .abnormal : lowMedians >= 2 || lateForecasts >= 3 ? .normal : .between,
            onsetMs: soonSinceMs, score: max(0, filtered / 100), observed: filtered, expected: cycle.startPercent,
            threshold: p.forecastPercent, forecastMs: forecast?.atMs ?? 0, forecastLowMs: forecast?.lowMs ?? 0,
            forecastHighMs: forecast?.highMs ?? 0, estimate: hoursLeft(atMs: atMs))
    }

    private func hoursLeft(atMs: Int64) -> Interval {
        guard let forecast else { return .unknown }
        let hours = { (ms: Int64) in Double(max(0, ms - atMs)) / Double(hourMs) }
        return Interval(value: hours(forecast.atMs), low: hours(forecast.lowMs), high: hours(forecast.highMs))
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&levels)
        coder.code(&filter)
        coder.code(&cycle)
        coder.code(&dumping)
        coder.code(&lens)
        coder.code(&highMedians)
        coder.code(&highLevels)
        coder.code(&lowMedians)
        // Where forecasts were counted once: state that was saved then can still be read.
        var former = 0
        coder.code(&former)
        coder.code(&lateForecasts)
        coder.code(&raisedSinceMs)
        coder.code(&soonSinceMs)
        coder.code(&forecast, fresh: FillCycle.Forecast())
    }
}

/// When a bin is full, burns, or will be full.
public struct BinParameters: Sendable, Equatable {
    /// Median level that is full, percent: crews need room to lift the lid.
    public var fullPercent = 80.0
    /// Single level that is full, percent.
    public var overflowPercent = 95.0
    /// Median level from which a single level counts, percent.
    public var followPercent = 70.0
    /// Median level that is not full any more, percent: only an emptying gets there.
    public var clearPercent = 55.0
    /// The level whose time is forecast, percent.
    public var forecastPercent = 85.0
    /// A forecast opens only from this level on (median of three), percent: below it, rates are guesses.
    public var forecastFromPercent = 60.0
    /// How far ahead a forecast opens: a crew can still change its round, and few bins are emptied before they get
    /// there (one in thirteen of those foreseen; at six hours one in six).
    public var leadTimeMs: Int64 = 4 * 3_600_000
    /// A rise over the earlier median that is a load, not litter: percent points.
    public var dumpRise = 38.0
    /// Temperature that is a fire, °C: above what sun makes of a dark bin.
    public var fireC = 55.0
    /// Rise over the last readings that is a fire, °C.
    public var fireRiseC = 18.0

    public init() {}

    func problems(_ key: String) -> [String] {
        var found: [String] = []
        if !(0 < clearPercent && clearPercent < fullPercent && fullPercent < overflowPercent && overflowPercent <= 100)
        {
            found.append(
                "\(key): must have 0 < clear_percent < full_percent < overflow_percent ≤ 100, found \(clearPercent), "
                    + "\(fullPercent), \(overflowPercent)")
        }
        if !(clearPercent <= forecastFromPercent && forecastFromPercent <= forecastPercent && forecastPercent <= 100) {
            found.append(
                "\(key): must have clear_percent ≤ forecast_from_percent ≤ forecast_percent ≤ 100, found "
                    + "\(clearPercent), \(forecastFromPercent), \(forecastPercent)")
        }
        if leadTimeMs < 0 { found.append("\(key).lead_time: must be 0 or more, found \(leadTimeMs) ms") }
        if dumpRise <= 0 { found.append("\(key).dump_rise: must be above 0, found \(dumpRise)") }
        if fireC <= 30 { found.append("\(key).fire_c: must be above 30 °C, found \(fireC)") }
        if fireRiseC <= 0 { found.append("\(key).fire_rise_c: must be above 0, found \(fireRiseC)") }
        return found
    }
}
