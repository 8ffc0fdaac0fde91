/// State that can be saved as bytes and restored.
///
/// One list of fields serves both ways, so that they cannot drift apart. Thresholds and window lengths are no part of it:
/// a value is restored into one that was freshly made with today's parameters.
public protocol StateCodable {
    /// Shows every field that changes to `coder`, which saves it or replaces it by what was saved.
    mutating func code(_ coder: inout StateCoder)
}

/// Writes state to bytes, or reads it back.
///
/// Whole numbers are variable-length (LEB128 of the zigzag code), floating-point numbers and bulk arrays raw and
/// little-endian. Nothing is trusted on reading: what does not fit sets ``problem``, after which every value stays as it
/// is; so a list of fields needs no `try`, and whoever began the reading looks at ``problem`` once at its end.
///
/// - Complexity: some nanoseconds a number; arrays of floating-point numbers at the speed of a copy.
public struct StateCoder: Sendable {
    /// Whether values are replaced by saved ones; else they are saved.
    public let isReading: Bool
    /// What is read, or room for what is written.
    var buffer: [UInt8]
    /// The next byte to read or to write.
    public internal(set) var position = 0
    /// Reading stops here.
    var end = 0
    /// The first thing that was wrong, or nil.
    public internal(set) var problem: StateError?

    /// A coder that writes.
    public init() {
        isReading = false
        buffer = Array(repeating: 0, count: 512)
    }

    /// A coder that writes behind `bytes`.
    package init(writing bytes: [UInt8]) {
        isReading = false
        buffer = bytes
        position = bytes.count
    }

    /// A coder that reads `bytes`, or a part of them. Copies nothing.
    public init(reading bytes: [UInt8], in range: Range<Int>? = nil) {
        isReading = true
        buffer = bytes
        let range = (range ?? 0..<bytes.count).clamped(to: 0..<bytes.count)
        (position, end) = (range.lowerBound, range.upperBound)
    }

    /// Bytes that are left to read.
    public var remaining: Int { end - position }
    /// What was written.
    public var bytes: [UInt8] { Array(buffer[..<position]) }

    // MARK: What can be wrong

    public mutating func fail(_ code: StateError.Code, _ field: @autoclosure () -> String) {
        guard problem == nil else { return }
        problem = StateError(code, field: field())
        position = end
    }

    /// Notes a problem on reading unless `condition` holds. On writing it must hold.
    public mutating func require(
        _ condition: Bool, _ code: StateError.Code = .badValue, _ field: @autoclosure () -> String
    ) {
        guard !condition else { return }
        precondition(isReading, "state that breaks its own rules is saved: \(field())")
        fail(code, field())
    }

    /// Ends the reading.
    ///
    /// - Throws: what was wrong, or `.leftOver`.
    public mutating func finish() throws(StateError) {
        if isReading, problem == nil, position != end { fail(.leftOver, "state") }
        if let problem { throw problem }
    }

    // MARK: Bytes and varints

    /// Makes room for `count` bytes more. Appending byte by byte would look for room each time.
    mutating func reserve(_ count: Int) {
        guard position + count > buffer.count else { return }
        buffer.append(contentsOf: repeatElement(0, count: max(count, buffer.count)))
    }

    mutating func writeRaw(_ word: UInt64) {
        reserve(8)
        unsafe buffer.withUnsafeMutableBytes {
            unsafe $0.storeBytes(of: word.littleEndian, toByteOffset: position, as: UInt64.self)
        }
        position += 8
    }

    /// The next `count` bytes as an offset, or nil with ``problem`` set.
    mutating func take(_ count: Int, _ field: @autoclosure () -> String) -> Int? {
        guard count <= end - position, problem == nil else {
            fail(.truncated, field())
            return nil
        }
        defer { position += count }
        return position
    }

    mutating func readRaw() -> UInt64? {
        guard let at = take(8, "a number") else { return nil }
        return unsafe buffer.withUnsafeBytes {
            unsafe UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: at, as: UInt64.self))
        }
    }

    mutating func writeVarint(_ value: UInt64) {
        reserve(Self.longestVarint)
        var place = position
        // The array is asked once whether it is alone, and not for each byte.
        unsafe buffer.withUnsafeMutableBytes { bytes in
            var rest = value
            while rest >= 0x80 {
                unsafe bytes[place] = UInt8(truncatingIfNeeded: rest) | 0x80
                place += 1
                rest >>= 7
            }
            unsafe bytes[place] = UInt8(truncatingIfNeeded: rest)
        }
        position = place + 1
    }

    mutating func readVarint() -> UInt64? {
        var (value, shift): (UInt64, UInt64) = (0, 0)
        while position < end {
            let byte = buffer[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
            guard shift < 70 else {
                fail(.badValue, "a whole number")
                return nil
            }
        }
        fail(.truncated, "a whole number")
        return nil
    }

    static let longestVarint = 10

    /// Zigzag, moved by one so that `Int64.min`, which stands for "never" in many places, takes one byte.
    static func folded(_ value: Int64) -> UInt64 { UInt64(bitPattern: (value << 1) ^ (value >> 63)) &+ 1 }
    static func unfolded(_ code: UInt64) -> Int64 {
        let zigzag = code &- 1
        return Int64(bitPattern: (zigzag >> 1) ^ (0 &- (zigzag & 1)))
    }
}
