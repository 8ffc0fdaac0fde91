public import Readings

/// The median of the last three values: a single spike never passes.
///
/// - Complexity: O(1). Memory: 24 bytes.
/// - Source: Tukey, Exploratory Data Analysis (1977), ch. 7.
public struct MedianOfThree: Sendable, Equatable, StateCodable, BitwiseCopyable {
    private var older = 0.0
    private var old = 0.0
    private var count = 0

    public init() {}

    /// The filtered value: with fewer than three values, the latest.
    public mutating func append(_ value: Double) -> Double {
        defer { (older, old, count) = (old, value, min(count + 1, 2)) }
        guard count == 2 else { return value }
        return max(min(older, old), min(max(older, old), value))
    }

    public mutating func code(_ coder: inout StateCoder) {
        coder.code(&older)
        coder.code(&old)
        coder.code(&count, in: 0...2)
    }
}
