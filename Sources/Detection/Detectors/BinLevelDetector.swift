/// Tells when a bin is full, and when it will be.
///
/// Ultrasonic levels jump: a bag under the lid echoes as full, a gap as empty. So the median of seven must be high
/// twice, or single levels very high twice. The forecast divides what is left by the rate since the last emptying,
/// which is drawn towards the bin's usual rate while the cycle is young; it opens when the bin will be full within the
/// lead time of a collection round.
///
/// Dumping (four levels far above what was before) counts as filling: a crew is needed. A jump to the very top that
/// stays flat is a blocked lens, and a level that never leaves zero is one too: see ``isBlocked``.
///
/// - Complexity: O(7) a reading. Memory: 0.6 kB.
/// - Source: thresholds measured on labelled series; running medians: Tukey, Exploratory Data Analysis (1977).
struct BinLevelDetector: Sendable, Equatable {
    private let parameters: BinParameters
    private var levels = SortedWindow(capacity: 7)
    private var filter = MedianOfThree()
    private var cycle: FillCycle
    private var rise = RiseOverMedian()
    private var lens = LensMonitor()
    private var highMedians = 0, highLevels = 0, lowMedians = 0, soonForecasts = 0
    private var dumpedUntilMs = Int64.min
    private var raisedSinceMs: Int64 = 0

    init(parameters: BinParameters) {
        self.parameters = parameters
        cycle = FillCycle(fullPercent: parameters.forecastPercent)
    }

    /// The lens sees the same whatever the bin holds: a fault, not a full bin.
    var isBlocked: Bool { lens.isBlocked }
    var blockedSinceMs: Int64 { lens.sinceMs }

    /// When the bin will be at ``BinParameters/forecastPercent``, event time; nil when it does not fill.
    var forecastMs: Int64? { cycle.fullAtMs }

    /// Folds in a level, percent.
    ///
    /// - Returns: nil for the first readings, and while a blocked lens hides the level.
    mutating func observe(_ level: Double, atMs: Int64, isActive: Bool, isLearning: Bool) -> Finding? {
        lens.observe(level, median: levels.median, count: levels.count, atMs: atMs)
        guard !lens.isDoubtful else { return nil }
        let dumped = rise.observe(level, parameters.dumpRise)
        if dumped, level >= parameters.forecastFromPercent { dumpedUntilMs = atMs + 6 * hourMs }
        if cycle.observe(filter.append(level), atMs: atMs, isLearning: isLearning) {
            // Emptied: what was before says nothing of what is.
            levels.removeAll()
            dumpedUntilMs = .min
            (highMedians, highLevels, soonForecasts) = (0, 0, 0)
        }
        levels.append(level)
        return judge(level, atMs: atMs)
    }

    private mutating func judge(_ level: Double, atMs: Int64) -> Finding? {
        let p = parameters
        let median = levels.median
        highMedians = levels.count >= 4 && median >= p.fullPercent ? highMedians + 1 : 0
        // A bag under the lid echoes as full a few times in a row: the median must have begun to follow.
        highLevels = level >= p.overflowPercent && median >= p.forecastFromPercent ? highLevels + 1 : 0
        lowMedians = median < p.clearPercent ? lowMedians + 1 : 0
        let fullAtMs = cycle.fullAtMs
        let isSoon =
            levels.count >= 4 && median >= p.forecastFromPercent
            && (fullAtMs.map { $0 - atMs <= p.leadTimeMs } ?? false)
        soonForecasts = isSoon ? soonForecasts + 1 : 0
        let isFull = highMedians >= 2 || highLevels >= 2
        let isOpen = isFull || soonForecasts >= 3 || atMs < dumpedUntilMs
        if !isOpen || raisedSinceMs == 0 { raisedSinceMs = atMs }
        return Finding(
            condition: isOpen ? .abnormal : lowMedians >= 2 ? .normal : .between,
            onsetMs: raisedSinceMs, score: max(0, median / 100), observed: median,
            expected: cycle.startPercent, threshold: isFull ? p.fullPercent : p.forecastPercent,
            forecastMs: fullAtMs ?? 0)
    }
}

/// When a bin is full, burns, or will be full.
public struct BinParameters: Sendable, Equatable {
    /// Median level that is full, percent: crews need room to lift the lid.
    public var fullPercent = 80.0
    /// Single level that is full, percent.
    public var overflowPercent = 95.0
    /// Median level that is not full any more, percent: only an emptying gets there.
    public var clearPercent = 55.0
    /// The level whose time is forecast, percent.
    public var forecastPercent = 85.0
    /// A forecast opens only from this level on, percent: below it, rates are guesses.
    public var forecastFromPercent = 60.0
    /// How far ahead a forecast opens: a crew can still change its round, and few bins are emptied before they get
    /// there. At six hours twice as many were, for no earlier request on most.
    public var leadTimeMs: Int64 = 3 * 3_600_000
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
        if !(clearPercent...forecastPercent).contains(forecastFromPercent) || forecastPercent > 100 {
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
