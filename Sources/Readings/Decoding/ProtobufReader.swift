/// Takes fields off the front of a protobuf message, without building it: what nobody asks for is skipped.
///
/// Messages within are ranges of the same bytes. Unknown fields and repeated ones are the caller's to pass over.
struct ProtobufReader {
    private(set) var position: Int
    let end: Int

    /// One field as the wire has it.
    struct Field {
        var number: UInt64
        var value: Value
    }

    enum Value {
        case varint(UInt64)
        case fixed64(UInt64)
        case fixed32(UInt32)
        /// A text, bytes, a message or packed numbers.
        case bytes(Range<Int>)
    }

    init(_ range: Range<Int>) { (position, end) = (range.lowerBound, range.upperBound) }

    /// The next field, or nil at the end. Groups, long out of use, are refused.
    mutating func next(of bytes: borrowing Span<UInt8>) throws(DecodeError) -> Field? {
        if position == end { return nil }
        let tag = try varint(of: bytes)
        let number = tag >> 3
        guard number > 0, number < 1 << 29 else { throw malformed("a field's number", bytes) }
        switch tag & 7 {
        case 0: return Field(number: number, value: .varint(try varint(of: bytes)))
        case 1: return Field(number: number, value: .fixed64(try fixed(8, of: bytes)))
        case 5: return Field(number: number, value: .fixed32(UInt32(truncatingIfNeeded: try fixed(4, of: bytes))))
        case 2:
            let length = try varint(of: bytes)
            guard length <= UInt64(end - position) else { throw malformed("as many bytes as it says", bytes) }
            let range = position..<position + Int(length)
            position = range.upperBound
            return Field(number: number, value: .bytes(range))
        default: throw malformed("a wire type that is in use", bytes)
        }
    }

    @inline(__always)
    private mutating func varint(of bytes: borrowing Span<UInt8>) throws(DecodeError) -> UInt64 {
        // Most numbers are one byte, and most others fewer than nine: times are six.
        if position < end, case let byte = bytes[position], byte < 0x80 {
            position += 1
            return UInt64(byte)
        }
        if end - position >= 8, case let word = bytes.word(at: position),
            case let last = (~word & 0x8080_8080_8080_8080).trailingZeroBitCount, last < 64
        {
            position += last / 8 + 1
            return Self.sevenBitGroups(word & (UInt64.max >> UInt64(63 - last)))
        }
        return try longVarint(of: bytes)
    }

    /// The low seven bits of each byte, pushed together.
    private static func sevenBitGroups(_ word: UInt64) -> UInt64 {
        var bits = (word & 0x007F_007F_007F_007F) | (word & 0x7F00_7F00_7F00_7F00) >> 1
        bits = (bits & 0x0000_3FFF_0000_3FFF) | (bits & 0x3FFF_0000_3FFF_0000) >> 2
        return (bits & 0x0FFF_FFFF) | (bits & 0x0FFF_FFFF_0000_0000) >> 4
    }

    private mutating func longVarint(of bytes: borrowing Span<UInt8>) throws(DecodeError) -> UInt64 {
        var (number, shift): (UInt64, UInt64) = (0, 0)
        while position < end {
            let byte = bytes[position]
            position += 1
            if shift == 63 && byte > 1 { throw malformed("a number of 64 bits", bytes) }
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return number }
            shift += 7
            if shift > 63 { throw malformed("a number of 64 bits", bytes) }
        }
        throw malformed("the rest of a number", bytes)
    }

    private mutating func fixed(_ width: Int, of bytes: borrowing Span<UInt8>) throws(DecodeError) -> UInt64 {
        guard width <= end - position else { throw malformed("the rest of a number", bytes) }
        if width == 8 {
            position += 8
            return bytes.word(at: position - 8)
        }
        var number: UInt64 = 0
        for index in 0..<width { number |= UInt64(bytes[position + index]) << UInt64(index * 8) }
        position += width
        return number
    }

    func malformed(_ wanted: StaticString, _ bytes: borrowing Span<UInt8>) -> DecodeError {
        var found = Excerpt("byte ")
        found.append(number: position)
        found.append(" of ")
        found.append(number: bytes.count)
        found.append(", where there should be ")
        found.append(wanted)
        return DecodeError(.malformed, "payload", .format, found: found)
    }
}
