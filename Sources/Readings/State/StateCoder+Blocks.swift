// Parts that can be passed over, and the checksum that stands behind everything.
extension StateCoder {
    /// A part with its length before it, so that a reader gets past one that it cannot use.
    ///
    /// - Returns: What was wrong inside, on reading. The coder goes on behind the part.
    @discardableResult
    public mutating func block(_ body: (inout StateCoder) -> Void) -> StateError? {
        guard isReading else {
            // Four bytes, filled in when the length is known.
            reserve(4)
            let start = position
            position += 4
            body(&self)
            setLength(position - start - 4, at: start)
            return nil
        }
        guard let range = readBlock() else { return problem }
        let outerEnd = end
        (position, end) = (range.lowerBound, range.upperBound)
        body(&self)
        if problem == nil, position != end { fail(.leftOver, "a part") }
        defer { problem = nil }
        (position, end) = (range.upperBound, outerEnd)
        return problem
    }

    /// Passes over a block. Returns where its content stands, or nil with ``problem`` set.
    public mutating func readBlock() -> Range<Int>? {
        guard let at = take(4, "a part") else { return nil }
        var length = 0
        for index in 0..<4 { length |= Int(buffer[at + index]) << (8 * index) }
        return take(length, "a part").map { $0..<($0 + length) }
    }

    private mutating func setLength(_ length: Int, at start: Int) {
        precondition(length <= UInt32.max, "a part of 4 GiB")
        for index in 0..<4 { buffer[start + index] = UInt8(truncatingIfNeeded: length >> (8 * index)) }
    }

    // MARK: Checksum

    /// Appends a checksum of everything written so far, and gives the bytes away.
    public consuming func sealed() -> [UInt8] {
        precondition(!isReading, "only what is written is sealed")
        writeRaw(Self.checksum(buffer[..<position]))
        return bytes
    }

    /// A coder that reads what ``sealed()`` gave.
    ///
    /// - Throws: `.truncated` or `.damaged`.
    public init(unsealing bytes: [UInt8]) throws(StateError) {
        guard bytes.count >= 8 else { throw StateError(.truncated, field: "a slice") }
        let body = bytes.count - 8
        var trailer = StateCoder(reading: bytes, in: body..<bytes.count)
        guard trailer.readRaw() == Self.checksum(bytes[..<body]) else { throw StateError(.damaged, field: "a slice") }
        self.init(reading: bytes, in: 0..<body)
    }

    /// 64 bits that change with any change of the bytes by chance; no protection against intent, which the database's
    /// permissions give. Four multiply-and-rotate lanes over words, about 8 bytes a nanosecond.
    ///
    /// - Source: the rounds of xxHash64 (Collet, 2014).
    static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        var (a, b): (UInt64, UInt64) = (0x60EA_27EE_ADC0_B5D6, prime2)
        var (c, d): (UInt64, UInt64) = (0, 0x61C8_864E_7A14_3579)
        var rest: UInt64 = 0
        unsafe bytes.withUnsafeBytes { buffer in
            var at = 0
            while at + 32 <= buffer.count {
                a = round(a, unsafe buffer.loadUnaligned(fromByteOffset: at, as: UInt64.self))
                b = round(b, unsafe buffer.loadUnaligned(fromByteOffset: at + 8, as: UInt64.self))
                c = round(c, unsafe buffer.loadUnaligned(fromByteOffset: at + 16, as: UInt64.self))
                d = round(d, unsafe buffer.loadUnaligned(fromByteOffset: at + 24, as: UInt64.self))
                at += 32
            }
            while at < buffer.count {
                rest = round(rest &+ 0x27D4_EB2F_1656_67C5, UInt64(unsafe buffer[at]))
                at += 1
            }
        }
        var sum = UInt64(bytes.count) &+ rest
        for lane in [a, b, c, d] { sum = (sum ^ round(0, lane)) &* prime1 &+ 0x85EB_CA77_C2B2_AE63 }
        sum = (sum ^ (sum >> 33)) &* prime2
        return sum ^ (sum >> 29)
    }

    private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F

    private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        let sum = lane &+ word.littleEndian &* prime2
        return (sum << 31 | sum >> 33) &* prime1
    }
}
