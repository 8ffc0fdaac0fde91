public import Readings

/// The mean of the last values, by count.
///
/// The sum is made anew once a turn of the ring, so that rounding cannot build up: its error stays that of adding
/// `2 × capacity` numbers, whatever passed through.
///
/// - Complexity: O(1) amortised; nothing allocates after `init`.
/// - Memory: 8 bytes a value of the capacity.
/// - Source: Higham, Accuracy and Stability of Numerical Algorithms (2002), §4.2, for the bound.
public struct RecentMean: Sendable, Equatable, StateCodable {
    private var values: [Double]
    private var next = 0
    public private(set) var count = 0
    private var sum = 0.0

    public init(capacity: Int) {
        precondition(capacity > 0, "a window must hold a value, capacity was \(capacity)")
        values = Array(repeating: 0, count: capacity)
    }

    public mutating func append(_ value: Double) {
        if count == values.count { sum -= values[next] }
        values[next] = value
        sum += value
        count = min(count + 1, values.count)
        next = next + 1 == values.count ? 0 : next + 1
        if next == 0 { sum = values.reduce(0, +) }
    }

    /// 0 when empty.
    public var mean: Double { count == 0 ? 0 : sum / Double(count) }

    public mutating func code(_ coder: inout StateCoder) {
        coder.code(&values)
        coder.code(&next, in: 0...(values.count - 1))
        coder.code(&count, in: 0...values.count)
        coder.code(&sum)
    }
}
