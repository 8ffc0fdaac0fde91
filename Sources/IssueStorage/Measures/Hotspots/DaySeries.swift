/// How many requests a place had on each day. Days without any take no room.
package struct DaySeries: Equatable {
    package struct Entry: Equatable {
        /// Days since 1970-01-01, UTC.
        package var day: Int
        package var count: Int
    }

    /// By day.
    package private(set) var entries: [Entry] = []

    package init() {}

    /// Adds to a day's count, which may be negative.
    package mutating func add(_ change: Int, on day: Int) {
        // Nearly always the last day, or one after it.
        var place = entries.count
        while place > 0, entries[place - 1].day >= day { place -= 1 }
        if place < entries.count, entries[place].day == day {
            entries[place].count += change
            if entries[place].count == 0 { entries.remove(at: place) }
        } else if change != 0 {
            entries.insert(Entry(day: day, count: change), at: place)
        }
    }

    mutating func add(_ other: DaySeries) {
        for entry in other.entries { add(entry.count, on: entry.day) }
    }

    // MARK: - Bytes

    /// For each day with a count the distance from the one before, and the count.
    package func encoded() -> [UInt8] {
        var writer = VarintWriter()
        var last = 0
        for entry in entries {
            writer.write(UInt64(bitPattern: Int64(entry.day - last)))
            writer.write(UInt64(bitPattern: Int64(entry.count)))
            last = entry.day
        }
        return writer.bytes
    }

    /// nil when the bytes are not of ``encoded()``.
    package init?(_ bytes: [UInt8]) {
        let span = bytes.span
        var (position, day) = (0, 0)
        entries.reserveCapacity(bytes.count / 2)
        while position < span.count {
            guard let step = Varint.read(span, at: &position), let count = Varint.read(span, at: &position) else {
                return nil
            }
            day &+= Int(truncatingIfNeeded: step)
            entries.append(Entry(day: day, count: Int(truncatingIfNeeded: count)))
        }
    }
}
