/// Walks over the elements of a JSON array without reading them: where each begins and ends.
///
/// Strict about the array itself; the elements are for a parser to judge.
struct JSONElements {
    private var position: Int
    private var isFirst = true

    /// - Parameter text: an array, white space around it allowed; nothing else may stand behind it.
    /// - Returns: nil where the text does not begin with `[`.
    init?(_ text: borrowing Span<UInt8>) {
        position = 0
        if text.count >= 3, text[0] == 0xEF, text[1] == 0xBB, text[2] == 0xBF { position = 3 }
        skipSpace(in: text)
        guard position < text.count, text[position] == UInt8(ascii: "[") else { return nil }
        position += 1
    }

    enum Step: Equatable {
        case element(Range<Int>)
        case end
        /// The text is no array; the byte at which that showed.
        case malformed(Int)
    }

    /// The next element's bytes.
    mutating func next(in text: borrowing Span<UInt8>) -> Step {
        skipSpace(in: text)
        guard position < text.count else { return .malformed(position) }
        if text[position] == UInt8(ascii: "]") && isFirst { return end(in: text) }
        if !isFirst {
            if text[position] == UInt8(ascii: "]") { return end(in: text) }
            guard text[position] == UInt8(ascii: ",") else { return .malformed(position) }
            position += 1
            skipSpace(in: text)
        }
        isFirst = false
        let start = position
        skipValue(in: text)
        return position > start ? .element(start..<position) : .malformed(start)
    }

    private mutating func end(in text: borrowing Span<UInt8>) -> Step {
        position += 1
        skipSpace(in: text)
        return position == text.count ? .end : .malformed(position)
    }

    private mutating func skipSpace(in text: borrowing Span<UInt8>) {
        while position < text.count, text[position].isJSONSpace { position += 1 }
    }

    /// Moves to the comma or bracket that ends the value, or to the text's end.
    private mutating func skipValue(in text: borrowing Span<UInt8>) {
        var (depth, isString) = (0, false)
        while position < text.count {
            let byte = text[position]
            if isString {
                if byte == UInt8(ascii: "\\") { position += 1 }
                if byte == UInt8(ascii: "\"") { isString = false }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    if depth == 0 { return }
                    depth -= 1
                case UInt8(ascii: ",") where depth == 0: return
                default: break
                }
            }
            position += 1
        }
        position = min(position, text.count)
    }
}

extension UInt8 {
    /// White space as JSON has it (RFC 8259 §2).
    var isJSONSpace: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }
}
