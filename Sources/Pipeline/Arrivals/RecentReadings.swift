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
///   Memory: 16 bytes for each reading within either measure, at most ``capacity`` a sensor, and up to half as much again
///   as room to grow: 1 to 1.5 kB for a sensor that sends once a minute.
struct RecentReadings: Sendable, Equatable, StateCodable {
    enum Finding: Equatable { case new, duplicate, conflict }

    /// One of them. Time, place and quantity share a word: 16 bytes instead of 24, of which busy sensors hold hundreds.
    struct Entry: Sendable, Equatable, BitwiseCopyable {
        /// From above: 44 bits of event time, 14 of the place in the stream, 6 of the quantity.
        private var word: Int64
        var value: Double

        /// - Parameters:
        ///   - observedAtMs: between the years 1692 and 2248, or it counts as the nearer of them. Decoders let in less.
        ///   - place: its lower 14 bits count.
        init(observedAtMs: Int64, value: Double, place: UInt32, quantity: Quantity) {
            let bounded = min(max(observedAtMs, -1 << 43), (1 << 43) - 1)
            word = bounded << 20 | Int64(place & RecentReadings.placeMask) << 6 | Int64(quantity.rawValue)
            self.value = value
        }

        var observedAtMs: Int64 { word >> 20 }
        var place: UInt32 { UInt32(truncatingIfNeeded: word >> 6) & RecentReadings.placeMask }

        /// Nil for what no version has written.
        var quantity: Quantity? { Quantity(rawValue: UInt8(truncatingIfNeeded: word & 0x3F)) }

        func isOf(_ quantity: Quantity) -> Bool { word & 0x3F == Int64(quantity.rawValue) }
    }

    /// What stands in the stream within the last so many entries is remembered, however old it is by event time; and at most
    /// one ``placeEntries`` more.
    static let streamReach: UInt32 = 131_072

    /// Entries of the stream that count as one place. Places go round after 67 million entries: what is older than the horizon
    /// and looks young for that reason stays until its sensor speaks again.
    private static let placeEntries: UInt32 = 4096
    private static let placeMask: UInt32 = (1 << 14) - 1

    /// The most that is remembered: the default horizon of a sensor that sends every second.
    static let capacity = 4096

    /// Ordered by time, from `start` on.
    private var entries: [Entry] = []
    private var start = 0
    /// The first and the last of them, and the first's place in the stream, once more: with many sensors the ends of
    /// `entries` are two lines of memory that are in no cache, and most readings need neither.
    private var oldestMs = Int64.max, newestMs = Int64.min
    private var oldestPlace: UInt32 = 0

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
            if entries[index].isOf(reading.quantity) {
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
            if entries[index].isOf(reading.quantity), entries[index].value == reading.value { return true }
            index += 1
        }
        return false
    }

    /// Remembers a reading that is new, or contradicts one of the same moment: its repetition is known too.
    /// - Parameter sequence: its place in the stream.
    mutating func remember(_ reading: Reading, at sequence: Int64, horizonMs: Int64) {
        let entry = Entry(
            observedAtMs: reading.observedAtMs, value: reading.value, place: Self.place(sequence),
            quantity: reading.quantity)
        makeRoom()
        guard newestMs > entry.observedAtMs else {
            entries.append(entry)
            newestMs = entry.observedAtMs
            if entries.count == start + 1 { noteOldest() }
            return trim(now: entry.place, horizonMs: horizonMs)
        }
        var index = firstIndex(atOrAfter: entry.observedAtMs)
        // Older than everything remembered: not remembered either, or it would push out what is newer.
        if index == start, entries.count - start >= Self.capacity { return }
        while index < entries.count, entries[index].observedAtMs == entry.observedAtMs { index += 1 }
        entries.insert(entry, at: index)
        if index == start { noteOldest() }
        trim(now: entry.place, horizonMs: horizonMs)
    }

    private static func place(_ sequence: Int64) -> UInt32 {
        UInt32(truncatingIfNeeded: sequence / Int64(placeEntries)) & placeMask
    }

    /// Sees to it that one more fits, without the doubling of an ordinary array: what was forgotten is room, if there is
    /// enough of it that moving the rest costs little; else half as much again is taken.
    private mutating func makeRoom() {
        guard entries.count == entries.capacity else { return }
        let kept = entries.count - start
        if start > kept / 8 { dropForgotten() } else { resize(to: kept + kept / 2 + 4) }
    }

    private mutating func dropForgotten() {
        entries.removeFirst(start)
        start = 0
    }

    /// Moves what is remembered into an array with room for `room` entries.
    private mutating func resize(to room: Int) {
        var moved: [Entry] = []
        moved.reserveCapacity(room)
        moved.append(contentsOf: entries[start...])
        (entries, start) = (moved, 0)
    }

    /// The first moment from `time` on that has no reading of this quantity yet, for one that has no time of its own:
    /// what arrives in one instant is kept apart, in order, by a millisecond each.
    func freeMoment(from time: Int64, for quantity: Quantity) -> Int64 {
        guard newestMs >= time else { return time }
        var index = entries.count
        while index > start, entries[index - 1].observedAtMs == newestMs {
            index -= 1
            if entries[index].isOf(quantity) { return newestMs + 1 }
        }
        return newestMs
    }

    /// Forgets what lies beyond both measures, or beyond the capacity; moves the rest down now and then, which is O(1)
    /// amortised. What a burst has taken is given back once a quarter of it would do.
    private mutating func trim(now: UInt32, horizonMs: Int64) {
        // The newest is within both, so it never comes to nothing.
        while entries.count - start > Self.capacity
            || (oldestMs < newestMs - horizonMs
                && (now &- oldestPlace) & Self.placeMask > Self.streamReach / Self.placeEntries)
        {
            start += 1
            noteOldest()
        }
        guard start >= max(16, entries.count / 2) else { return }
        let kept = entries.count - start
        if entries.capacity > max(64, 4 * kept) { resize(to: 2 * kept) } else { dropForgotten() }
    }

    private mutating func noteOldest() {
        (oldestMs, oldestPlace) = (entries[start].observedAtMs, entries[start].place)
    }

    mutating func code(_ coder: inout StateCoder) {
        let count = coder.codeCount(entries.count - start, leastBytes: 10)
        if coder.isReading {
            self = RecentReadings()
            entries.reserveCapacity(count)
        }
        var before: Int64 = 0
        for index in 0..<count {
            let entry = coder.isReading ? nil : entries[start + index]
            var step = (entry?.observedAtMs ?? 0) &- before
            var value = entry?.value ?? 0
            var sequence = (entry?.place ?? 0) * Self.placeEntries
            var quantity = entry?.quantity ?? .generic
            coder.code(&step)
            coder.code(&value)
            coder.code(&sequence)
            coder.code(&quantity)
            coder.require(index == 0 || step >= 0, .badValue, "times in order")
            before = before &+ step
            guard coder.isReading else { continue }
            entries.append(
                Entry(observedAtMs: before, value: value, place: Self.place(Int64(sequence)), quantity: quantity))
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
