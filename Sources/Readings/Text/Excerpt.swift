/// Up to 64 bytes of text, inline: what an error shows of the place it happened, without allocating.
///
/// Longer text is cut, and ``description`` says so.
///
/// Nothing here is inlined: excerpts are made on the way to quarantine, and their copying loops made the decoders that mention them
/// several times as long.
public struct Excerpt: Sendable, Equatable, CustomStringConvertible {
    private var bytes = InlineArray<64, UInt8>(repeating: 0)
    private var count: UInt8 = 0
    private var isCut = false

    public init() {}

    @inline(never) public init(_ text: StaticString) { append(text) }

    @inline(never) public init(_ text: borrowing Span<UInt8>) { append(text) }

    @inline(never) public init(_ bytes: [UInt8]) { append(bytes.span) }

    /// The text between quotation marks, so that a reader sees where it ends.
    @inline(never) public init(quoting text: borrowing Span<UInt8>) {
        append("\"")
        append(text, limit: 63)
        append("\"")
    }

    @inline(never) public mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { unsafe append($0.span) }
    }

    /// Appends at most as many bytes as keep the whole within `limit`.
    @inline(never) public mutating func append(_ text: borrowing Span<UInt8>, limit: Int = 64) {
        let room = max(0, limit - Int(count))
        if text.count > room { isCut = true }
        for index in 0..<min(text.count, room) {
            bytes[Int(count)] = text[index]
            count += 1
        }
    }

    /// Appends a non-negative number in decimal.
    @inline(never) public mutating func append(number: Int) {
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var (rest, first) = (number.magnitude, 20)
        repeat {
            first -= 1
            digits[first] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        } while rest > 0
        append(digits.span.extracting(first..<20))
    }

    /// The text, its control characters and broken UTF-8 made visible, so that it can't forge a log line.
    public var description: String {
        var text = ""
        for scalar in String(copying: bytes.span.extracting(0..<Int(count))).unicodeScalars {
            if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) {
                text += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return isCut ? text + "…" : text
    }

    public static func == (a: Excerpt, b: Excerpt) -> Bool {
        guard a.count == b.count, a.isCut == b.isCut else { return false }
        return (0..<Int(a.count)).allSatisfy { a.bytes[$0] == b.bytes[$0] }
    }
}

extension String {
    /// The bytes as text; broken UTF-8 becomes replacement characters.
    package init(copying bytes: borrowing Span<UInt8>) {
        self = unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}

extension [UInt8] {
    package init(copying bytes: borrowing Span<UInt8>) {
        self = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// Replaces what the array holds, keeping its memory.
    mutating func assign(_ bytes: borrowing Span<UInt8>) {
        removeAll(keepingCapacity: true)
        append(bytes)
    }

    mutating func append(_ bytes: borrowing Span<UInt8>) {
        // Sound: the bytes are copied.
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
