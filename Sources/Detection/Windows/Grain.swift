public import Readings

/// The smallest difference that a device tells, learned from what it sends: a hundredth, or whole cubic metres.
///
/// The smallest step seen so far between two values that differ. What lies between two neighbouring values is rounded away: an
/// error spread evenly over the step, of which `step/√12` is the standard deviation.
///
/// - Complexity: O(1). Memory: 16 bytes.
/// - Source: quantization noise: Widrow & Kollár, Quantization Noise (2008), ch. 4.
public struct Grain: Sendable, Equatable, StateCodable, BitwiseCopyable {
    /// In the unit of the values; infinite before two have differed.
    public private(set) var step = Double.infinity
    private var before = Double.infinity

    public init() {}

    public mutating func append(_ value: Double) {
        let difference = abs(value - before)
        if difference > 0 { step = min(step, difference) }
        before = value
    }

    /// The standard deviation of what rounding hides; 0 while no step is known.
    public var deviation: Double { step.isFinite ? step * 0.288675 : 0 }

    public mutating func code(_ coder: inout StateCoder) {
        coder.code(&step)
        coder.code(&before)
    }
}
