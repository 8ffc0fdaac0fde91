internal import Readings

/// What stands in chunks: readings in the first tier, buckets in the others.
protocol HistoryEntry: Sendable {
    /// What it is ordered by, in milliseconds since the Unix epoch.
    var orderMs: Int64 { get }

    /// Both, in order. Where times are equal, the old ones come first.
    /// - Precondition: each of the two is in order.
    static func merged(_ old: [Self], _ new: [Self]) -> [Self]

    static func write(_ entries: [Self], to writer: inout BitWriter)
    static func read(count: Int, from reader: inout BitReader) throws(DamagedChunk) -> [Self]
}

extension HistoryEntry {
    /// How the bytes are laid out. One more bit pattern later needs another number.
    private static var format: UInt64 { 1 }
    /// More than any chunk holds.
    private static var mostEntries: Int { 1 << 17 }

    static func encode(_ entries: [Self]) -> [UInt8] {
        var writer = BitWriter(capacity: entries.count * 2 + 64)
        writer.write(format, bits: 8)
        writer.writeSized(UInt64(entries.count))
        write(entries, to: &writer)
        return writer.finish()
    }

    static func decode(_ bytes: some Collection<UInt8>) throws(DamagedChunk) -> [Self] {
        var reader = BitReader(bytes)
        guard try reader.read(8) == format else { throw DamagedChunk() }
        let count = try reader.readSized()
        guard count <= mostEntries else { throw DamagedChunk() }
        return try read(count: Int(count), from: &reader)
    }
}

extension HistoryReading: HistoryEntry {
    var orderMs: Int64 { atMs }

    /// Of one moment so many readings are looked at for a repetition: the clock of a device may stand still.
    private static var mostCompared: Int { 256 }

    /// Repetitions are left out: see ``isRepeated(by:)``. A copy of each, once.
    package static func merged(_ old: [HistoryReading], _ new: [HistoryReading]) -> [HistoryReading] {
        var merged: [HistoryReading] = []
        merged.reserveCapacity(old.count + new.count)
        var next = 0
        for reading in new {
            while next < old.count, old[next].atMs <= reading.atMs {
                merged.append(old[next])
                next += 1
            }
            if !endsWithSame(as: reading, merged) { merged.append(reading) }
        }
        merged += old[next...]
        return merged
    }

    /// Whether the last of `readings`, those of the moment of `reading`, say the same.
    ///
    /// By number: a slice would still hold the array when it is appended to, which then copies all of it.
    private static func endsWithSame(as reading: HistoryReading, _ readings: [HistoryReading]) -> Bool {
        var place = readings.count - 1
        let first = max(0, readings.count - mostCompared)
        while place >= first, readings[place].atMs == reading.atMs {
            if readings[place].isRepeated(by: reading) { return true }
            place -= 1
        }
        return false
    }

    static func write(_ entries: [HistoryReading], to writer: inout BitWriter) {
        TimeColumn.write(entries.map(\.atMs), to: &writer)
        ValueColumn.write(entries.map(\.value), to: &writer)
        let areFlagged = entries.contains { !$0.flags.isEmpty }
        writer.write(areFlagged ? 1 : 0, bits: 1)
        if areFlagged { IntegerColumn.write(entries.map { Int64($0.flags.rawValue) }, to: &writer) }
    }

    static func read(count: Int, from reader: inout BitReader) throws(DamagedChunk) -> [HistoryReading] {
        let times = try TimeColumn.read(count: count, from: &reader)
        let values = try ValueColumn.read(count: count, from: &reader)
        guard try reader.read(1) == 1 else {
            return zip(times, values).map { HistoryReading(atMs: $0, value: $1) }
        }
        let flags = try IntegerColumn.read(count: count, from: &reader)
        return times.indices.map { index in
            HistoryReading(
                atMs: times[index], value: values[index],
                flags: ReadingFlags(rawValue: UInt16(truncatingIfNeeded: flags[index])))
        }
    }
}

extension HistoryBucket: HistoryEntry {
    var orderMs: Int64 { startMs }

    /// Buckets of one start become one.
    static func merged(_ old: [HistoryBucket], _ new: [HistoryBucket]) -> [HistoryBucket] {
        var merged: [HistoryBucket] = []
        merged.reserveCapacity(old.count + new.count)
        var next = 0
        for bucket in new {
            while next < old.count, old[next].startMs <= bucket.startMs {
                merged.append(old[next])
                next += 1
            }
            merged.gather(bucket)
        }
        merged += old[next...]
        return merged
    }

    // What is read is reckoned with: sums of times and counts must not overflow.
    /// Far beyond any bucket's start, in milliseconds since the Unix epoch.
    private static let plausibleMs: ClosedRange<Int64> = -1 << 53...1 << 53
    /// Of more readings than any bucket's.
    private static let plausibleCounts: ClosedRange<Int64> = 1...1 << 40

    /// Of a bucket with one reading everything is said by that.
    static func write(_ entries: [HistoryBucket], to writer: inout BitWriter) {
        TimeColumn.write(entries.map(\.startMs), to: &writer)
        IntegerColumn.write(entries.map { Int64($0.count) }, to: &writer)
        ValueColumn.write(entries.map(\.least), to: &writer)
        let others = entries.filter { $0.count > 1 }
        ValueColumn.write(others.map(\.greatest), to: &writer)
        ValueColumn.write(others.map(\.sum), to: &writer)
    }

    static func read(count: Int, from reader: inout BitReader) throws(DamagedChunk) -> [HistoryBucket] {
        let starts = try TimeColumn.read(count: count, from: &reader)
        let counts = try IntegerColumn.read(count: count, from: &reader)
        let least = try ValueColumn.read(count: count, from: &reader)
        guard starts.allSatisfy(plausibleMs.contains), counts.allSatisfy(plausibleCounts.contains) else {
            throw DamagedChunk()
        }
        let others = counts.count { $0 > 1 }
        let greatest = try ValueColumn.read(count: others, from: &reader)
        let sums = try ValueColumn.read(count: others, from: &reader)
        var next = 0
        return starts.indices.map { index in
            guard counts[index] > 1 else { return HistoryBucket(startMs: starts[index], least[index]) }
            defer { next += 1 }
            return HistoryBucket(
                startMs: starts[index], count: Int(counts[index]), least: least[index], greatest: greatest[next],
                sum: sums[next])
        }
    }
}
