internal import Readings

/// The last readings of one sensor, to tell a repeated one from a new one.
///
/// A broker may deliver a message twice, and says so unreliably; so repetition is judged by content: the same quantity at
/// the same event time. Most readings are newer than all before and need no look.
///
/// How far back a broker repeats itself has two measures. One is event time: the horizon. The other is the stream: after a
/// lost connection all that was on its way comes again, up to ten thousand messages (measured with mosquitto 2.0.11),
/// which during the draining of a backlog may span many hours of event time.
///
/// - Complexity: O(1) for a newer reading; O(log n) to find the time of an older one.
///   Memory: 24 bytes for each reading within either measure, at most ``capacity`` a sensor, and up to twice that while old
///   ones wait to be moved out: 1.4 to 3 kB for a sensor that sends once a minute.
struct RecentReadings: Sendable, Equatable, StateCodable {
    enum Finding: Equatable { case new, duplicate, conflict }

    struct Entry: Sendable, Equatable {
        var observedAtMs: Int64 = 0
        var value = 0.0
        /// Its place in the stream, without the upper half: only how long ago it was counts.
        var sequence: UInt32 = 0
        var quantity = Quantity.generic
    }

    /// What stands in the stream within the last so many places is remembered, however old it is by event time.
    static let streamReach: UInt32 = 131_072

    /// The most that is remembered: the default horizon of a sensor that sends every second.
    static let capacity = 4096

    /// Ordered by time, from `start` on.
    private var entries: [Entry] = []
    private var start = 0
    /// The first and the last of them, and the first's place in the stream, once more: with many sensors the ends of
    /// `entries` are two lines of memory that are in no cache, and most readings need neither.
    private var oldestMs = Int64.max, newestMs = Int64.min
    private var oldestSequence: UInt32 = 0

    /// Whether this reading has been seen. Changes nothing.
    @inline(__always)
    func finding(_ reading: Reading) -> Finding {
        reading.observedAtMs > newestMs ? .new : findingAmongOlder(reading)
    }

    private func findingAmongOlder(_ reading: Reading) -> Finding {
        var index: Int
        if reading.observedAtMs == newestMs {
            // The next quantity of one message, as a rule.
            index = entries.count
            while index > start, entries[index - 1].observedAtMs == newestMs { index -= 1 }
        } else {
            index = firstIndex(atOrAfter: reading.observedAtMs)
        }
        var finding = Finding.new
        while index < entries.count, entries[index].observedAtMs == reading.observedAtMs {
            if entries[index].quantity == reading.quantity {
                guard entries[index].value != reading.value else { return .duplicate }
                finding = .conflict
            }
            index += 1
        }
        return finding
    }

    /// Whether the same quantity had the same value at about the same time.
    func hasAlike(_ reading: Reading, withinMs span: Int64) -> Bool {
        var index = firstIndex(atOrAfter: reading.observedAtMs - span)
        while index < entries.count, entries[index].observedAtMs <= reading.observedAtMs + span {
            if entries[index].quantity == reading.quantity, entries[index].value == reading.value { return true }
            index += 1
        }
        return false
    }

    /// Remembers a reading that is new, or contradicts one of the same moment: its repetition is known too.
    /// - Parameter sequence: its place in the stream.
    mutating func remember(_ reading: Reading, at sequence: Int64, horizonMs: Int64) {
        let entry = Entry(
            observedAtMs: reading.observedAtMs, value: reading.value, sequence: UInt32(truncatingIfNeeded: sequence),
            quantity: reading.quantity)
        guard newestMs > reading.observedAtMs else {
            entries.append(entry)
            newestMs = entry.observedAtMs
            if entries.count == start + 1 { noteOldest() }
            return trim(now: entry.sequence, horizonMs: horizonMs)
        }
        var index = firstIndex(atOrAfter: reading.observedAtMs)
        // Older than everything remembered: not remembered either, or it would push out what is newer.
        if index == start, entries.count - start >= Self.capacity { return }
        while index < entries.count, entries[index].observedAtMs == reading.observedAtMs { index += 1 }
        entries.insert(entry, at: index)
        if index == start { noteOldest() }
        trim(now: entry.sequence, horizonMs: horizonMs)
    }

    /// The first moment from `time` on that has no reading of this quantity yet, for one that has no time of its own:
    /// what arrives in one instant is kept apart, in order, by a millisecond each.
    func freeMoment(from time: Int64, for quantity: Quantity) -> Int64 {
        guard newestMs >= time else { return time }
        var index = entries.count
        while index > start, entries[index - 1].observedAtMs == newestMs {
            index -= 1
            if entries[index].quantity == quantity { return newestMs + 1 }
        }
        return newestMs
    }

    /// Forgets what lies beyond both measures, or beyond the capacity; moves the rest down now and then, which is O(1)
    /// amortised.
    private mutating func trim(now: UInt32, horizonMs: Int64) {
        // The newest is within both, so it never comes to nothing.
        while entries.count - start > Self.capacity
            || (oldestMs < newestMs - horizonMs && now &- oldestSequence > Self.streamReach)
        {
            start += 1
            noteOldest()
        }
        if start >= max(16, entries.count / 2) {
            entries.removeFirst(start)
            start = 0
        }
    }

    private mutating func noteOldest() {
        (oldestMs, oldestSequence) = (entries[start].observedAtMs, entries[start].sequence)
    }

    mutating func code(_ coder: inout StateCoder) {
        let count = coder.codeCount(entries.count - start, leastBytes: 10)
        if coder.isReading {
            self = RecentReadings()
            entries = Array(repeating: Entry(), count: count)
        }
        var before: Int64 = 0
        for index in start..<entries.count {
            var step = entries[index].observedAtMs &- before
            coder.code(&step)
            before = before &+ step
            entries[index].observedAtMs = before
            coder.code(&entries[index].value)
            coder.code(&entries[index].sequence)
            coder.code(&entries[index].quantity)
            coder.require(index == start || step >= 0, .badValue, "times in order")
        }
        guard coder.isReading, let last = entries.last else { return }
        newestMs = last.observedAtMs
        noteOldest()
    }

    private func firstIndex(atOrAfter time: Int64) -> Int {
        var (low, high) = (start, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].observedAtMs < time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
