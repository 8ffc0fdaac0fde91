/// Packs numbers of any width into bytes, the most significant bit first.
struct BitWriter {
    private(set) var bytes: [UInt8] = []
    /// Bits that don't fill a byte yet, in the low end; fewer than 8 between calls.
    private var pending: UInt64 = 0
    private var pendingBits = 0

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    /// Writes the low `count` bits of `value`; what stands above them must be 0.
    mutating func write(_ value: UInt64, bits count: Int) {
        if count > 32 {
            write(value >> 32, bits: count - 32)
            write(value & 0xFFFF_FFFF, bits: 32)
            return
        }
        pending = pending << UInt64(count) | value
        pendingBits += count
        while pendingBits >= 8 {
            pendingBits -= 8
            bytes.append(UInt8(truncatingIfNeeded: pending >> UInt64(pendingBits)))
        }
    }

    /// Writes how wide `value` is (7 bits), and then its bits.
    mutating func writeSized(_ value: UInt64) {
        let width = 64 - value.leadingZeroBitCount
        write(UInt64(width), bits: 7)
        write(value, bits: width)
    }

    /// The bytes, the last one filled up with zeros.
    consuming func finish() -> [UInt8] {
        if pendingBits > 0 { write(0, bits: 8 - pendingBits) }
        return bytes
    }
}
