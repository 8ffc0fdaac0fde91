public import Readings

/// Mean and variance with exponentially fading weights; a plain average until it has seen as much as it remembers.
///
/// Unlike a trailing window it keeps no values: state does not grow with memory, and numbers of any size fit.
///
/// - Complexity: O(1). Memory: 32 bytes.
/// - Source: the recursion for weighted variance: West, Communications of the ACM 22 (1979); Finch, "Incremental
///   calculation of weighted mean and variance", Cambridge (2009).
public struct ExponentialMoments: Sendable, Equatable, StateCodable, BitwiseCopyable {
    /// How many values it remembers: an older one weighs 1/e of the latest.
    public let memory: Double
    public private(set) var mean = 0.0
    /// Squared unit of the values; 0 before the second value.
    public private(set) var variance = 0.0
    public private(set) var count = 0.0

    public init(memory: Double) {
        precondition(memory >= 1, "must remember a value or more, was \(memory)")
        self.memory = memory
    }

    public mutating func append(_ value: Double) {
        count = min(count + 1, memory)
        let rate = 1 / count
        let distance = value - mean
        let step = rate * distance
        mean += step
        variance = (1 - rate) * (variance + step * distance)
    }

    /// How many standard deviations `value` lies from the mean; the deviation counts as `floor` at least. 0 while
    /// nothing is known of spread.
    public func standardScore(_ value: Double, floor: Double) -> Double {
        let deviation = max(variance.squareRoot(), floor)
        return deviation > 0 ? (value - mean) / deviation : 0
    }

    public mutating func code(_ coder: inout StateCoder) {
        coder.code(&mean)
        coder.code(&variance)
        coder.code(&count)
    }
}
