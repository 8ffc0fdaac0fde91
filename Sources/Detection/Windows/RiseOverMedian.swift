internal import Readings

/// Whether the last four values all lie above the median of the seven before them by a given rise.
///
/// - Complexity: O(7). Memory: 0.2 kB.
struct RiseOverMedian: Sendable, Equatable, StateCodable {
    private var before = SortedWindow(capacity: 7)
    private var last = SIMD4<Double>()
    private var count = 0

    mutating func observe(_ value: Double, _ rise: Double) -> Bool {
        if count >= 4 { before.append(last[0]) }
        last = SIMD4(last[1], last[2], last[3], value)
        count = min(count + 1, 4)
        return before.count >= 4 && last.min() >= before.median + rise
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&before)
        coder.code(&last)
        coder.code(&count, in: 0...4)
    }
}
