public import Readings

/// A figure that nobody knows exactly: the likeliest value, and bounds that hold it nine times in ten.
public struct Interval: Sendable, Equatable, StateCodable, BitwiseCopyable {
    public var value: Double
    /// 5 % of cases lie below ``low``, 5 % above ``high``. Never `low > value` or `value > high`.
    public var low: Double
    public var high: Double

    /// How many σ a bound is away: 90 % of a normal distribution lie between the two.
    static let sigmas = 1.645

    public init(value: Double, low: Double, high: Double) {
        (self.value, self.low, self.high) = (value, min(low, value), max(high, value))
    }

    /// Of a normal error.
    init(value: Double, sigma: Double) {
        self.init(value: value, low: value - Self.sigmas * sigma, high: value + Self.sigmas * sigma)
    }

    /// Nothing is claimed.
    public static let unknown = Interval()
    private init() { (value, low, high) = (.nan, .nan, .nan) }
    public var isKnown: Bool { value.isFinite && low.isFinite && high.isFinite }

    /// Two that claim nothing are equal: a NaN is not, by itself.
    public static func == (left: Self, right: Self) -> Bool {
        !left.isKnown && !right.isKnown
            || left.value == right.value && left.low == right.low && left.high == right.high
    }

    /// Into another unit.
    ///
    /// - Parameter factor: Above 0.
    mutating func scale(by factor: Double) {
        value *= factor
        low *= factor
        high *= factor
    }

    /// Of the worst moment of an incident, which is told and is an overestimate as a rule: the lower bound lies twice as
    /// far away. On labelled leaks the true size lay 0.9 σ below the worst moment's in the median, and 3.5 σ below in one of
    /// ten.
    init(worst value: Double, sigma: Double) {
        self.init(value: value, low: value - 2 * Self.sigmas * sigma, high: value + Self.sigmas * sigma)
    }

    /// Without what can't be: no leak gives water back.
    func notBelowZero() -> Interval {
        isKnown ? Interval(value: max(0, value), low: max(0, low), high: max(0, high)) : .unknown
    }

    public mutating func code(_ coder: inout StateCoder) {
        coder.code(&value)
        coder.code(&low)
        coder.code(&high)
    }
}
