internal import Readings

/// Daily values that wait until they are old enough to be trusted.
///
/// - Complexity: O(1). Memory: 16 bytes a value of the capacity. When full, the oldest goes.
struct Quarantine: Sendable, Equatable, StateCodable {
    private var days: [Int]
    private var values: [Double]
    private var head = 0
    private var count = 0

    init(capacity: Int) {
        days = Array(repeating: 0, count: capacity)
        values = Array(repeating: 0, count: capacity)
    }

    var oldest: (day: Int, value: Double)? { count > 0 ? (days[head], values[head]) : nil }

    mutating func append(day: Int, value: Double) {
        if count == days.count { removeOldest() }
        let slot = (head + count) % days.count
        (days[slot], values[slot]) = (day, value)
        count += 1
    }

    mutating func removeOldest() {
        guard count > 0 else { return }
        head = (head + 1) % days.count
        count -= 1
    }

    mutating func removeAll() { (head, count) = (0, 0) }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&days)
        coder.code(&values)
        coder.code(&head, in: 0...(days.count - 1))
        coder.code(&count, in: 0...days.count)
    }
}
