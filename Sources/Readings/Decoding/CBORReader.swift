/// Takes data items off the front of CBOR (RFC 8949), without building them.
///
/// What it promises of any input: no trap, no allocation by a length that the input merely claims, and an end: nesting is
/// limited to ``deepest``.
struct CBORReader {
    private(set) var position = 0
    static let deepest = 16

    /// An item's first bytes: its major type and argument.
    struct Head {
        var major: UInt8
        /// A number, a length or a count. Of an indefinite length: 0.
        var argument: UInt64
        var isIndefinite: Bool
        /// The low five bits: of major type 7 they say what it is.
        var info: UInt8
    }

    enum Number {
        case integer(Int64)
        case double(Double)

        var double: Double {
            switch self {
            case .integer(let integer): Double(integer)
            case .double(let double): double
            }
        }
    }

    /// A value that is neither a container nor bytes.
    enum Scalar {
        case number(Number)
        case truth(Bool)
        /// The text has been put into the buffer.
        case text
        case null
        /// Another kind of item, which has been skipped.
        case other
    }

    var start: Int { position }

    func isAtEnd(of bytes: borrowing Span<UInt8>) -> Bool { position == bytes.count }

    @inline(__always)
    mutating func head(of bytes: borrowing Span<UInt8>) throws(DecodeError) -> Head {
        // Most heads are one byte.
        if position < bytes.count, case let first = bytes[position], first & 0x1F < 24 {
            position += 1
            let info = first & 0x1F
            return Head(major: first >> 5, argument: UInt64(info), isIndefinite: false, info: info)
        }
        return try longHead(of: bytes)
    }

    // The forms of nearly all items, for a caller that falls back on `scalar(of:text:)`: where they return nil nothing has been
    // taken. Inlined, a member of a record costs 40 instructions instead of 200.

    /// An integer of one byte, −24 to 23.
    @inline(__always)
    mutating func shortInteger(of bytes: borrowing Span<UInt8>) -> Int64? {
        guard position < bytes.count, case let first = bytes[position], first & 0x1F < 24, first < 0x40 else {
            return nil
        }
        position += 1
        return first < 0x20 ? Int64(first) : -1 - Int64(first & 0x1F)
    }

    /// A text of at most 23 bytes in one piece, or of at most 255.
    @inline(__always)
    mutating func shortText(of bytes: borrowing Span<UInt8>) -> Range<Int>? {
        guard bytes.count - position > 1 else { return nil }
        var (start, length) = (position + 1, Int(bytes[position]) - 0x60)
        if length == 24 { (start, length) = (position + 2, Int(bytes[position + 1])) }
        guard length >= 0, bytes[position] <= 0x78, length <= bytes.count - start else { return nil }
        position = start + length
        return start..<position
    }

    /// A number of at most eight bytes behind its first, but for half precision.
    @inline(__always)
    mutating func shortNumber(of bytes: borrowing Span<UInt8>) -> Double? {
        if let integer = shortInteger(of: bytes) { return Double(integer) }
        guard bytes.count - position >= 9 else { return nil }
        let word = bytes.word(at: position + 1).byteSwapped
        let (number, width): (Double, Int)
        switch bytes[position] {
        case 0x18: (number, width) = (Double(word >> 56), 1)
        case 0x19: (number, width) = (Double(word >> 48), 2)
        case 0x1A: (number, width) = (Double(word >> 32), 4)
        case 0x38: (number, width) = (-1 - Double(word >> 56), 1)
        case 0x39: (number, width) = (-1 - Double(word >> 48), 2)
        case 0x3A: (number, width) = (-1 - Double(word >> 32), 4)
        case 0xFA: (number, width) = (Double(Float(bitPattern: UInt32(word >> 32))), 4)
        case 0xFB: (number, width) = (Double(bitPattern: word), 8)
        default: return nil
        }
        position += 1 + width
        return number
    }

    private mutating func longHead(of bytes: borrowing Span<UInt8>) throws(DecodeError) -> Head {
        guard position < bytes.count else { throw malformed("another item", bytes) }
        let first = bytes[position]
        let info = first & 0x1F
        let major = first >> 5
        position += 1
        switch info {
        case 24...27:
            let width = 1 << Int(info - 24)
            guard position + width <= bytes.count else { throw malformed("the rest of an item", bytes) }
            var argument: UInt64 = 0
            if position + 8 <= bytes.count {
                argument = bytes.word(at: position).byteSwapped >> UInt64(64 - width * 8)
            } else {
                for index in position..<position + width { argument = argument << 8 | UInt64(bytes[index]) }
            }
            position += width
            return Head(major: major, argument: argument, isIndefinite: false, info: info)
        case 31 where (2...5).contains(major) || major == 7:
            return Head(major: major, argument: 0, isIndefinite: true, info: info)
        default:
            position -= 1
            throw malformed("an item as RFC 8949 has it", bytes)
        }
    }

    /// Whether the next byte ends an indefinite container; then it has been taken.
    mutating func takeBreak(in bytes: borrowing Span<UInt8>) -> Bool {
        guard position < bytes.count, bytes[position] == 0xFF else { return false }
        position += 1
        return true
    }

    /// Whether a container of `count` items has another one, of which `taken` have been taken.
    mutating func hasNext(_ head: Head, taken: UInt64, in bytes: borrowing Span<UInt8>) -> Bool {
        head.isIndefinite ? !takeBreak(in: bytes) : taken < head.argument
    }

    /// The next item as a scalar; text goes into `text`. Tags are looked through.
    mutating func scalar(
        of bytes: borrowing Span<UInt8>, text: inout [UInt8], depth: Int = 0
    ) throws(DecodeError) -> Scalar {
        let start = position
        let head = try head(of: bytes)
        switch head.major {
        case 0:
            return .number(
                head.argument <= UInt64(Int64.max) ? .integer(Int64(head.argument)) : .double(Double(head.argument)))
        case 1:
            return .number(
                head.argument <= UInt64(Int64.max)
                    ? .integer(-1 - Int64(head.argument)) : .double(-1 - Double(head.argument)))
        case 3:
            try self.text(head, of: bytes, into: &text)
            return .text
        case 6:
            guard depth < Self.deepest else { throw malformed("fewer tags", bytes) }
            if head.argument == 4 { return try decimalFraction(of: bytes) }
            return try scalar(of: bytes, text: &text, depth: depth + 1)
        case 7: return try simple(head, of: bytes)
        default:
            position = start
            try skip(bytes)
            return .other
        }
    }

    private mutating func simple(_ head: Head, of bytes: borrowing Span<UInt8>) throws(DecodeError) -> Scalar {
        switch head.info {
        case 20: return .truth(false)
        case 21: return .truth(true)
        case 22, 23: return .null
        case 25: return .number(.double(Self.half(UInt16(truncatingIfNeeded: head.argument))))
        case 26: return .number(.double(Double(Float(bitPattern: UInt32(truncatingIfNeeded: head.argument)))))
        case 27: return .number(.double(Double(bitPattern: head.argument)))
        case 31: throw malformed("an item, not the end of one", bytes)
        default: return .other
        }
    }

    /// A text, in one piece or in chunks.
    mutating func text(
        _ head: Head, of bytes: borrowing Span<UInt8>, into text: inout [UInt8]
    ) throws(DecodeError) {
        text.removeAll(keepingCapacity: true)
        if !head.isIndefinite { return try chunk(head, of: bytes, into: &text) }
        while !takeBreak(in: bytes) {
            let next = try self.head(of: bytes)
            guard next.major == head.major, !next.isIndefinite else { throw malformed("a chunk of the text", bytes) }
            try chunk(next, of: bytes, into: &text)
        }
    }

    private mutating func chunk(
        _ head: Head, of bytes: borrowing Span<UInt8>, into text: inout [UInt8]
    ) throws(DecodeError) {
        let range = try extent(head, of: bytes)
        text.append(bytes.extracting(range))
    }

    /// The bytes of a string of definite length, which are taken. An absurd length is refused here.
    private mutating func extent(_ head: Head, of bytes: borrowing Span<UInt8>) throws(DecodeError) -> Range<Int> {
        guard head.argument <= UInt64(bytes.count - position) else {
            throw malformed("as many bytes as it says", bytes)
        }
        let range = position..<position + Int(head.argument)
        position = range.upperBound
        return range
    }

    /// Tag 4: exponent and mantissa, both integers (RFC 8949 §3.4.4).
    private mutating func decimalFraction(of bytes: borrowing Span<UInt8>) throws(DecodeError) -> Scalar {
        let head = try head(of: bytes)
        guard head.major == 4, !head.isIndefinite, head.argument == 2 else {
            throw malformed("a decimal fraction's two integers", bytes)
        }
        var none: [UInt8] = []
        guard case .number(.integer(let exponent)) = try scalar(of: bytes, text: &none, depth: Self.deepest),
            case .number(.integer(let mantissa)) = try scalar(of: bytes, text: &none, depth: Self.deepest)
        else { throw malformed("a decimal fraction's two integers", bytes) }
        guard (-400...400).contains(exponent) else {
            return .number(.double(exponent < 0 || mantissa == 0 ? 0 : .infinity))
        }
        var (number, power) = (Double(mantissa), 1.0)
        for _ in 0..<exponent.magnitude { power *= 10 }
        if exponent < 0 { number /= power } else { number *= power }
        return .number(.double(number))
    }

    /// Passes over the next item and all that it holds.
    mutating func skip(_ bytes: borrowing Span<UInt8>, depth: Int = 0) throws(DecodeError) {
        guard depth < Self.deepest else { throw malformed("items nested less deeply", bytes) }
        let head = try head(of: bytes)
        switch head.major {
        case 2, 3:
            if !head.isIndefinite {
                _ = try extent(head, of: bytes)
                return
            }
            while !takeBreak(in: bytes) {
                let next = try self.head(of: bytes)
                guard next.major == head.major, !next.isIndefinite else { throw malformed("a chunk", bytes) }
                _ = try extent(next, of: bytes)
            }
        case 4, 5:
            var taken: UInt64 = 0
            while hasNext(head, taken: taken, in: bytes) {
                try skip(bytes, depth: depth + 1)
                if head.major == 5 { try skip(bytes, depth: depth + 1) }
                taken += 1
            }
        case 6: try skip(bytes, depth: depth + 1)
        case 7 where head.isIndefinite: throw malformed("an item, not the end of one", bytes)
        default: return
        }
    }

    /// A half-precision number (RFC 8949 Appendix D).
    private static func half(_ bits: UInt16) -> Double {
        let exponent = Int(bits >> 10 & 0x1F)
        let fraction = Double(bits & 0x3FF)
        let magnitude: Double
        switch exponent {
        case 0: magnitude = fraction * 0x1p-24
        case 31: magnitude = fraction == 0 ? .infinity : .nan
        default:
            var power = 0x1p-25
            for _ in 0..<exponent { power *= 2 }
            magnitude = (fraction + 1024) * power
        }
        return bits & 0x8000 == 0 ? magnitude : -magnitude
    }

    func malformed(_ wanted: StaticString, _ bytes: borrowing Span<UInt8>) -> DecodeError {
        var found = Excerpt("byte ")
        found.append(number: min(position, bytes.count))
        found.append(" of ")
        found.append(number: bytes.count)
        found.append(", where there should be ")
        found.append(wanted)
        return DecodeError(.malformed, "payload", .format, found: found)
    }
}
