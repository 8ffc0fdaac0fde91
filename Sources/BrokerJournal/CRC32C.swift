/// CRC-32C (Castagnoli), eight bytes a step.
///
/// - Source: RFC 3720 §12.1; Kounavis and Berry, "A Systematic Approach to Building High Performance Software-based CRC
///   Generators" (2005).
enum CRC32C {
    /// Eight tables of 256, one behind the other.
    private static let table: [UInt32] = {
        var table = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
            table[byte] = crc
        }
        for entry in 256..<8 * 256 {
            let before = table[entry - 256]
            table[entry] = before >> 8 ^ table[Int(before & 255)]
        }
        return table
    }()

    /// Continues `crc`, 0 at the beginning, over `bytes`.
    static func checksum(of bytes: Span<UInt8>, after crc: UInt32 = 0) -> UInt32 {
        let table = table.span
        var crc = ~crc
        var at = 0
        while at &+ 8 <= bytes.count {
            let low = crc ^ bytes.number32(at: at)
            let high = bytes.number32(at: at &+ 4)
            crc =
                table[1792 &+ Int(low & 255)] ^ table[1536 &+ Int(low >> 8 & 255)]
                ^ table[1280 &+ Int(low >> 16 & 255)] ^ table[1024 &+ Int(low >> 24)]
                ^ table[768 &+ Int(high & 255)] ^ table[512 &+ Int(high >> 8 & 255)]
                ^ table[256 &+ Int(high >> 16 & 255)] ^ table[Int(high >> 24)]
            at &+= 8
        }
        while at < bytes.count {
            crc = crc >> 8 ^ table[Int((crc ^ UInt32(bytes[at])) & 255)]
            at &+= 1
        }
        return ~crc
    }
}

extension Span<UInt8> {
    /// The little-endian number whose first byte is `index`.
    func number16(at index: Int) -> UInt16 { UInt16(self[index]) | UInt16(self[index + 1]) << 8 }

    func number32(at index: Int) -> UInt32 {
        precondition(index >= 0 && index &+ 4 <= count, "no four bytes at \(index)")
        // In bounds by the line above; the bytes need no alignment.
        return unsafe UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt32.self))
    }

    func number64(at index: Int) -> UInt64 {
        UInt64(number32(at: index)) | UInt64(number32(at: index + 4)) << 32
    }
}
