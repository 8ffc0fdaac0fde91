/// Reads what ``BitWriter`` wrote. Damaged bytes make it throw, never trap.
struct BitReader {
    /// With 16 zero bytes behind, so that every read may look ahead.
    private let bytes: [UInt8]
    private let end: Int
    private var position = 0

    init(_ content: some Collection<UInt8>) {
        bytes = Array(content) + [UInt8](repeating: 0, count: 16)
        end = content.count * 8
    }

    /// Reads `count` bits, up to 64.
    mutating func read(_ count: Int) throws(DamagedChunk) -> UInt64 {
        if count > 32 {
            let high = try read(count - 32)
            return high << 32 | (try read(32))
        }
        guard count > 0 else { return 0 }
        let value = peek() >> UInt64(64 - count)
        try skip(count)
        return value
    }

    /// Reads what `writeSized` wrote.
    mutating func readSized() throws(DamagedChunk) -> UInt64 {
        let width = Int(try read(7))
        guard width <= 64 else { throw DamagedChunk() }
        return try read(width)
    }

    /// Counts and passes ones up to `limit` (at most 32), and the zero behind them if there were fewer.
    mutating func readOnes(upTo limit: Int) throws(DamagedChunk) -> Int {
        let ones = (~peek()).leadingZeroBitCount
        if ones >= limit {
            try skip(limit)
            return limit
        }
        try skip(ones + 1)
        return ones
    }

    /// The next 57 bits or more, at the high end.
    private func peek() -> UInt64 {
        let byte = position >> 3
        var word: UInt64 = 0
        // Safe: `position` never passes `end`, and 16 bytes follow it.
        unsafe bytes.withUnsafeBytes { word = unsafe $0.loadUnaligned(fromByteOffset: byte, as: UInt64.self) }
        return UInt64(bigEndian: word) << UInt64(position & 7)
    }

    private mutating func skip(_ count: Int) throws(DamagedChunk) {
        position += count
        guard position <= end else { throw DamagedChunk() }
    }
}

/// A chunk of history that no writer of ours can have made.
struct DamagedChunk: Error, CustomStringConvertible {
    var description: String { "a chunk of history is damaged" }
}
