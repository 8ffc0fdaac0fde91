public import Readings

/// What one rule thinks of one sensor at one moment of event time.
public struct Verdict: Sendable, Equatable, StateCodable, BitwiseCopyable {
    /// How bad it looks. Opening and clearing have conditions of their own (hysteresis); durations are the lifecycle's.
    public enum Condition: UInt8, Sendable, BitwiseCopyable {
        /// Can't be told from what is there: a doubtful sensor. Everything stays as it is.
        case unknown
        /// Below the clearing threshold.
        case normal
        /// Between the clearing and the opening threshold: neither opens nor clears.
        case between
        /// Above the opening threshold: opens once it has lasted.
        case abnormal
        /// So far above that waiting would be wrong: opens at once.
        case critical
    }

    public var rule: Rule
    public var condition: Condition
    /// The quantity of ``observed``, ``expected`` and ``threshold``.
    public var quantity: Quantity
    /// Event time of the reading that led to it.
    public var observedAtMs: Int64
    /// When, in event time, what it sees began: the start of the run or window. Never after ``observedAtMs``.
    public var onsetMs: Int64
    /// How far, in the detector's own statistic (a z-score, a share); 0 and up.
    public var score: Double
    /// What was measured over the window, in the unit of ``quantity``.
    public var observed: Double
    /// What was to be expected.
    public var expected: Double
    /// Where ``observed`` would have crossed.
    public var threshold: Double
    /// For rules that forecast: when the trouble comes (event time), or 0.
    public var forecastMs: Int64
    /// The bounds of ``forecastMs``, nine times in ten; 0 without a forecast.
    public var forecastLowMs: Int64
    public var forecastHighMs: Int64
    /// σ of what is usual, in the unit of ``quantity``; 0 where the rule knows none.
    public var spread: Double
    /// What it costs, in the measure of the rule: ``Rule/estimateName``.
    public var estimate: Interval

    public init(
        rule: Rule, condition: Condition, quantity: Quantity, observedAtMs: Int64, onsetMs: Int64, score: Double,
        observed: Double, expected: Double, threshold: Double, forecastMs: Int64 = 0, forecastLowMs: Int64 = 0,
        forecastHighMs: Int64 = 0, spread: Double = 0, estimate: Interval = .unknown
    ) {
        self.rule = rule
        self.condition = condition
        self.quantity = quantity
        self.observedAtMs = observedAtMs
        self.onsetMs = onsetMs
        self.score = score
        self.observed = observed
        self.expected = expected
        self.threshold = threshold
        self.forecastMs = forecastMs
        self.forecastLowMs = forecastLowMs
        self.forecastHighMs = forecastHighMs
        self.spread = spread
        self.estimate = estimate
    }

    public mutating func code(_ coder: inout StateCoder) {
        coder.code(&rule)
        coder.code(&condition)
        coder.code(&quantity)
        coder.code(&observedAtMs)
        coder.code(&onsetMs)
        coder.code(&score)
        coder.code(&observed)
        coder.code(&expected)
        coder.code(&threshold)
        coder.code(&forecastMs)
        coder.code(&forecastLowMs)
        coder.code(&forecastHighMs)
        coder.code(&spread)
        coder.code(&estimate)
    }
}
