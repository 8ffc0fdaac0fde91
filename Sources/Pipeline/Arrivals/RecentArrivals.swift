internal import Readings

/// The last readings of one sensor that carry no event time to be known by: it is missing, or lay in the future and was
/// replaced by the arrival. A repetition arrives at another time, so it is told by the frame counter, or by the claimed
/// time; what has neither can't be told and counts as new.
///
/// - Complexity: O(1) while counters rise; O(n) for one that does not.
///   Memory: 32 bytes for each such reading within the horizon, at most ``capacity``.
struct RecentArrivals: Sendable, Equatable, StateCodable {
    struct Entry: Sendable, Equatable, StateCodable {
        var arrivedAtMs: Int64
        var value: Double
        /// The frame counter or the claimed time.
        var mark: Int64
        var quantity: Quantity
        var isClaimedTime: Bool

        mutating func code(_ coder: inout StateCoder) {
            coder.code(&arrivedAtMs)
            coder.code(&value)
            coder.code(&mark)
            coder.code(&quantity)
            coder.code(&isClaimedTime)
        }
    }

    /// The most that is remembered.
    static let capacity = 1024

    /// In order of arrival, from `start` on.
    private var entries: [Entry] = []
    private var start = 0
    /// The highest mark among them.
    private var highest = Int64.min

    var isEmpty: Bool { start == entries.count }

    /// Whether the same has been heard before. Changes nothing.
    func contains(_ reading: Reading) -> Bool {
        guard let entry = Self.entry(reading), entry.mark <= highest else { return false }
        return entries[start...].contains {
            // A counter that says something else begins anew: the device was restarted.
            $0.mark == entry.mark && $0.quantity == entry.quantity && $0.isClaimedTime == entry.isClaimedTime
                && $0.value == entry.value
        }
    }

    mutating func remember(_ reading: Reading, horizonMs: Int64) {
        guard let entry = Self.entry(reading) else { return }
        append(entry)
        trim(olderThanMs: reading.arrivedAtMs - horizonMs)
    }

    /// Adds an entry behind all others.
    private mutating func append(_ entry: Entry) {
        entries.append(entry)
        highest = max(highest, entry.mark)
    }

    mutating func code(_ coder: inout StateCoder) {
        let count = coder.codeCount(entries.count - start, leastBytes: 12)
        if coder.isReading { self = RecentArrivals() }
        for index in 0..<count {
            var entry =
                coder.isReading
                ? Entry(arrivedAtMs: 0, value: 0, mark: 0, quantity: .generic, isClaimedTime: false)
                : entries[start + index]
            coder.code(&entry)
            if coder.isReading { append(entry) }
        }
    }

    private static func entry(_ reading: Reading) -> Entry? {
        let isClaimed = reading.claimedS != 0
        guard isClaimed || reading.counter >= 0 else { return nil }
        return Entry(
            arrivedAtMs: reading.arrivedAtMs, value: reading.value,
            mark: isClaimed ? Int64(reading.claimedS) : Int64(reading.counter), quantity: reading.quantity,
            isClaimedTime: isClaimed)
    }

    private mutating func trim(olderThanMs limit: Int64) {
        var isHighestGone = false
        while start < entries.count, entries.count - start > Self.capacity || entries[start].arrivedAtMs < limit {
            if entries[start].mark == highest { isHighestGone = true }
            start += 1
        }
        if start >= max(16, entries.count / 2) {
            entries.removeFirst(start)
            start = 0
        }
        if isHighestGone { highest = entries[start...].reduce(.min) { max($0, $1.mark) } }
    }
}
