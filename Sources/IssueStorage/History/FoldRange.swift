internal import GRDB
internal import Readings

/// A stretch of the log in memory, on its way to be folded: loaded in small steps, then ordered by stream.
///
/// 24 bytes a reading.
struct FoldRange {
    /// Sequences behind `after`, up to and including `target`.
    let after: Int64
    let target: Int64
    private var loadedTo: Int64
    private(set) var isLoaded = false
    /// Stream, and place in `readings`, as one number a reading: sorting by it keeps the stream's order within.
    private var keys: [UInt64] = []
    private var readings: [Packed] = []
    /// Of ``keys``, what was handed out.
    private var position = 0

    /// A reading in 16 bytes instead of 24: of its time 48 bits, which end in the year 6429.
    private struct Packed: BitwiseCopyable {
        private var word: Int64
        private var value: Double

        init(atMs: Int64, value: Double, flags: ReadingFlags) {
            (word, self.value) = (atMs << 16 | Int64(flags.rawValue), value)
        }

        var reading: HistoryReading {
            HistoryReading(
                atMs: word >> 16, value: value, flags: .init(rawValue: UInt16(truncatingIfNeeded: word)))
        }
    }

    /// Rows that one step loads: some 3 ms.
    private static let rowsPerStep = 16_384
    private static let rowsPerLook = 512
    /// Bits of a key for the place in `readings`.
    private static let placeBits: UInt64 = 24
    static let mostReadings = 1 << 19

    init(after: Int64, target: Int64) {
        (self.after, self.target) = (after, target)
        loadedTo = after
    }

    var readingCount: Int { readings.count }

    /// Loads some more. Afterwards, or at last, ``isLoaded`` is true.
    /// - Parameter isWanted: whether something else waits for the thread; then it is less.
    mutating func load(_ db: Database, _ isWanted: () -> Bool) throws {
        if readings.isEmpty {
            // Doubling would hold twice as much at the end. The log may have gaps of any size.
            let most = Int(min(target - after, Int64(Self.mostReadings)))
            keys.reserveCapacity(most)
            readings.reserveCapacity(most)
        }
        let rows = try RawStatement(
            db,
            """
            SELECT sequence, sensor, quantity, observed_at, value, flags FROM reading
            WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT \(Self.rowsPerStep)
            """)
        rows.bind(loadedTo, at: 1)
        rows.bind(target, at: 2)
        var (count, isCut) = (0, false)
        while try rows.step() {
            let stream = UInt64(truncatingIfNeeded: rows.integer(1) << 8 | rows.integer(2))
            keys.append(stream << Self.placeBits | UInt64(readings.count))
            readings.append(
                Packed(
                    atMs: rows.integer(3), value: rows.double(4),
                    flags: .init(rawValue: UInt16(truncatingIfNeeded: rows.integer(5)))))
            loadedTo = rows.integer(0)
            count += 1
            isCut = count.isMultiple(of: Self.rowsPerLook) && isWanted()
            if isCut { break }
        }
        rows.reset()
        guard count < Self.rowsPerStep, !isCut else { return }
        sortKeys()
        isLoaded = true
    }

    /// Moves to the first stream from `next` on.
    mutating func move(to next: Int64) {
        if position > 0, Self.stream(keys[position - 1]) >= next { position = 0 }
        while position < keys.count, Self.stream(keys[position]) < next { position += 1 }
    }

    /// The next stream, or nil at the end.
    var nextStream: StreamKey? {
        position < keys.count ? StreamKey(rawValue: Self.stream(keys[position])) : nil
    }

    /// The next stream's readings by event time; those of one moment as they came.
    mutating func takeStream() -> [HistoryReading] {
        guard let stream = nextStream else { return [] }
        var taken: [HistoryReading] = []
        var isOrdered = true
        while position < keys.count, Self.stream(keys[position]) == stream.rawValue {
            let reading = readings[Int(keys[position] & (1 << Self.placeBits - 1))].reading
            if let last = taken.last, last.atMs > reading.atMs { isOrdered = false }
            taken.append(reading)
            position += 1
        }
        // The standard library's sort is stable, though it does not promise so; ties are told apart by place.
        if !isOrdered {
            taken = taken.enumerated()
                .sorted { ($0.element.atMs, $0.offset) < ($1.element.atMs, $1.offset) }.map(\.element)
        }
        return taken
    }

    /// Streams in the range; once it is loaded.
    var streamCount: Int {
        var count = 0
        var last: Int64 = -1
        for key in keys where Self.stream(key) != last {
            last = Self.stream(key)
            count += 1
        }
        return count
    }

    private static func stream(_ key: UInt64) -> Int64 { Int64(key >> placeBits) }

    /// By the bytes of the stream, the lowest first: 3 ns a byte and reading, where a sort by comparisons takes 100.
    private mutating func sortKeys() {
        var other = keys
        var shift = Self.placeBits
        let widest = keys.reduce(0) { $0 | $1 }
        while shift < 64, widest >> shift != 0 {
            var starts = [Int](repeating: 0, count: 257)
            for key in keys { starts[Int(key >> shift & 0xFF) + 1] += 1 }
            for digit in 1..<257 { starts[digit] += starts[digit - 1] }
            for key in keys {
                let digit = Int(key >> shift & 0xFF)
                other[starts[digit]] = key
                starts[digit] += 1
            }
            swap(&keys, &other)
            shift += 8
        }
    }
}
