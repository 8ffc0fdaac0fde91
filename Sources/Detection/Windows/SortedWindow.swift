public import Readings

/// The last few values, kept sorted: exact median, quantiles and median absolute deviation.
///
/// In the unit of its values. Meant for up to about a hundred values, where shifting a short array beats any tree.
///
/// - Complexity: O(n) moves to insert, O(1) for a quantile, O(n) for ``medianAbsoluteDeviation``. Nothing allocates
///   after `init`.
/// - Memory: 16 bytes a value, in one allocation: sensors hold several small windows, and an array's own 48 bytes weigh.
/// - Source: quantiles are type 7 of Hyndman & Fan, The American Statistician 50 (1996); the deviation, Rousseeuw &
///   Croux, JASA 88 (1993).
public struct SortedWindow: Sendable, Equatable, StateCodable {
    /// Twice ``capacity``. The first half is in order of arrival; the oldest is at ``next`` once it is full. The first
    /// ``count`` of the second half are in ascending order. Unused places are 0.
    private var values: [Double]
    private var next = 0
    public private(set) var count = 0

    public init(capacity: Int) {
        precondition(capacity > 0, "a window must hold a value, capacity was \(capacity)")
        values = Array(repeating: 0, count: 2 * capacity)
    }

    public var capacity: Int { values.count / 2 }
    public var isFull: Bool { count == capacity }

    /// The value of this rank, from 0 for the least.
    private func sorted(_ rank: Int) -> Double { values[values.count / 2 + rank] }

    /// Adds a value, and drops the oldest when it is full.
    public mutating func append(_ value: Double) {
        if isFull { removeSorted(values[next]) }
        values[next] = value
        next = next + 1 == capacity ? 0 : next + 1
        insertSorted(value)
    }

    public mutating func removeAll() {
        for index in 0..<count { (values[index], values[capacity + index]) = (0, 0) }
        (next, count) = (0, 0)
    }

    /// Adds `shift` to every value: what is measured has been re-based.
    public mutating func add(_ shift: Double) {
        for index in 0..<count {
            values[index] += shift
            values[capacity + index] += shift
        }
        // Rounding may differ between equal values only if they differed: order is kept.
    }

    /// Multiplies every value by a positive factor.
    public mutating func scale(by factor: Double) {
        precondition(factor > 0, "a factor must be positive to keep the order, was \(factor)")
        for index in 0..<count {
            values[index] *= factor
            values[capacity + index] *= factor
        }
    }

    /// The value below which the share `p` of the window lies, interpolated. 0 when empty.
    public func quantile(_ p: Double) -> Double {
        guard count > 0 else { return 0 }
        let position = min(max(p, 0), 1) * Double(count - 1)
        let below = Int(position)
        guard below + 1 < count else { return sorted(count - 1) }
        return sorted(below) + (sorted(below + 1) - sorted(below)) * (position - Double(below))
    }

    public var median: Double { quantile(0.5) }
    public var minimum: Double { count > 0 ? sorted(0) : 0 }
    public var maximum: Double { count > 0 ? sorted(count - 1) : 0 }

    /// The median distance from the median. 1.4826 times it estimates a normal distribution's standard deviation.
    public var medianAbsoluteDeviation: Double {
        guard count > 0 else { return 0 }
        let center = median
        // Distances grow outward from the center on both sides: merge the sides up to the middle.
        var right = firstIndex(notBelow: center)
        var left = right - 1
        var (previous, current) = (0.0, 0.0)
        for _ in 0...(count / 2) {
            let below = left >= 0 ? center - sorted(left) : .infinity
            let above = right < count ? sorted(right) - center : .infinity
            previous = current
            if below < above {
                current = below
                left -= 1
            } else {
                current = above
                right += 1
            }
        }
        return count.isMultiple(of: 2) ? (previous + current) / 2 : current
    }

    private func firstIndex(notBelow value: Double) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if sorted(middle) < value { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private mutating func insertSorted(_ value: Double) {
        let start = capacity
        var index = start + count
        while index > start, values[index - 1] > value {
            values[index] = values[index - 1]
            index -= 1
        }
        values[index] = value
        count += 1
    }

    private mutating func removeSorted(_ value: Double) {
        var index = capacity + firstIndex(notBelow: value)
        count -= 1
        let last = capacity + count
        while index < last {
            values[index] = values[index + 1]
            index += 1
        }
        values[last] = 0
    }

    public mutating func code(_ coder: inout StateCoder) {
        coder.code(&count, in: 0...capacity)
        coder.code(&next, in: 0...(capacity - 1))
        coder.require(isFull || next == count, .badValue, "a sorted window")
        coder.code(&values, first: count)
        // The order follows from the values, and half of the bytes are saved.
        guard coder.isReading else { return }
        for (rank, value) in values[..<count].sorted().enumerated() { values[capacity + rank] = value }
    }
}
