/// Writes numbers of any size, small ones in few bytes: seven bits a byte, the low ones first (LEB128).
struct VarintWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

/// Reads what ``VarintWriter`` wrote.
enum Varint {
    /// The number at `position`, which moves behind it; nil at the end, or when a number is longer than 64 bits.
    ///
    /// Inlined: years of measures are some millions of these, nearly all of one byte.
    @inline(__always) static func read(_ bytes: Span<UInt8>, at position: inout Int) -> UInt64? {
        guard position < bytes.count else { return nil }
        let first = bytes[position]
        position += 1
        if first < 0x80 { return UInt64(first) }
        return readLong(bytes, at: &position, from: UInt64(first & 0x7F))
    }

    @inline(never) private static func readLong(
        _ bytes: Span<UInt8>, at position: inout Int, from low: UInt64
    ) -> UInt64? {
        var (value, shift) = (low, UInt64(7))
        while position < bytes.count, shift < 64 {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }
}
