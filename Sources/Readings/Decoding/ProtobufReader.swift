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
        guard let tag = try tag(of: bytes) else { return nil }
        let number = tag.number
        switch tag.wireType {
        case 0: return Field(number: number, value: .varint(try varint(of: bytes)))
        case 1: return Field(number: number, value: .fixed64(try fixed64(of: bytes)))
        case 5: return Field(number: number, value: .fixed32(try fixed32(of: bytes)))
        case 2: return Field(number: number, value: .bytes(try content(of: bytes)))
        default: throw malformed("a wire type that is in use", bytes)
        }
    }

    // By tags, for what every message has: a reader that asks for each field as it is written, as generated code does, costs a
    // third of one that makes a `Field` of it first.

    /// A field's number and how it is written, as the wire has both in one.
    struct Tag: Equatable, BitwiseCopyable {
        var bits: UInt64

        var number: UInt64 { bits >> 3 }
        var wireType: UInt64 { bits & 7 }

        static func varint(_ number: UInt64) -> Tag { Tag(bits: number << 3) }
        static func fixed64(_ number: UInt64) -> Tag { Tag(bits: number << 3 | 1) }
        static func bytes(_ number: UInt64) -> Tag { Tag(bits: number << 3 | 2) }
        static func fixed32(_ number: UInt64) -> Tag { Tag(bits: number << 3 | 5) }

        static func ~= (pattern: Tag, tag: Tag) -> Bool { pattern == tag }
    }

    /// The next field's tag, or nil at the end. Its value is to be taken, or skipped.
    @inline(__always)
    mutating func tag(of bytes: borrowing Span<UInt8>) throws(DecodeError) -> Tag? {
        if position == end { return nil }
        let tag = try varint(of: bytes)
        guard tag >= 1 << 3, tag < 1 << 32 else { throw malformed("a field's number", bytes) }
        return Tag(bits: tag)
    }

    /// Passes over a field's value.
    @inline(__always)
    mutating func skip(_ tag: Tag, of bytes: borrowing Span<UInt8>) throws(DecodeError) {
        switch tag.wireType {
        case 0: _ = try varint(of: bytes)
        case 1: _ = try fixed64(of: bytes)
        case 5: _ = try fixed32(of: bytes)
        case 2: _ = try content(of: bytes)
        default: throw malformed("a wire type that is in use", bytes)
        }
    }

    /// Where the bytes stand of a text or a message within.
    @inline(__always)
    mutating func content(of bytes: borrowing Span<UInt8>) throws(DecodeError) -> Range<Int> {
        let length = try varint(of: bytes)
        guard length <= UInt64(end - position) else { throw malformed("as many bytes as it says", bytes) }
        let range = position..<position + Int(length)
        position = range.upperBound
        return range
    }

    @inline(__always)
    mutating func fixed64(of bytes: borrowing Span<UInt8>) throws(DecodeError) -> UInt64 {
        guard end - position >= 8 else { throw malformed("the rest of a number", bytes) }
        position += 8
        return bytes.word(at: position - 8)
    }

    @inline(__always)
    mutating func fixed32(of bytes: borrowing Span<UInt8>) throws(DecodeError) -> UInt32 {
        guard end - position >= 4 else { throw malformed("the rest of a number", bytes) }
        position += 4
        return UInt32(truncatingIfNeeded: bytes.extracting(position - 4..<position).lastWord(from: 0))
    }

    @inline(__always)
    mutating func varint(of bytes: borrowing Span<UInt8>) throws(DecodeError) -> UInt64 {
        // Most numbers are one byte, and most others fewer than nine: times are six.
        if position < end, case let byte = bytes[position], byte < 0x80 {
            position += 1
            return UInt64(byte)
        }
        // A copy goes there: the place of one that is handed on would live in memory, not in a register.
        var other = self
        let number = try other.longerVarint(of: bytes)
        self = other
        return number
    }

    private mutating func longerVarint(of bytes: borrowing Span<UInt8>) throws(DecodeError) -> UInt64 {
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
