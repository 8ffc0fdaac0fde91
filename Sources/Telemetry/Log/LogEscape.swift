/// Makes text from outside harmless: it can't end a line, drive a terminal or reorder what is shown.
enum LogEscape {
    /// UTF-8 bytes of one value that a line shows; the rest is counted, not shown.
    static let maxBytes = 2048

    /// A JSON string with its quotation marks.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        append(text, to: &quoted) { $0 == "\"" || $0 == "\\" }
        return quoted + "\""
    }

    /// The text itself with harmful characters escaped.
    static func visible(_ text: String) -> String {
        var visible = ""
        append(text, to: &visible) { $0 == "\\" }
        return visible
    }

    /// The text itself where it is one plain word, else quoted.
    static func word(_ text: String) -> String {
        let isPlain =
            !text.isEmpty && text.utf8.count <= maxBytes
            && text.unicodeScalars.allSatisfy { $0 != " " && $0 != "=" && $0 != "\"" && $0 != "\\" && !isHarmful($0) }
        return isPlain ? text : quoted(text)
    }

    private static func append(_ text: String, to out: inout String, backslashed: (Unicode.Scalar) -> Bool) {
        var bytes = 0
        for scalar in text.unicodeScalars {
            bytes += UTF8.width(scalar)
            if bytes > maxBytes {
                out += "… (\(text.utf8.count) bytes)"
                return
            }
            if backslashed(scalar) {
                out += "\\"
                out.unicodeScalars.append(scalar)
            } else if isHarmful(scalar) {
                appendEscape(scalar, to: &out)
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
    }

    /// Control characters, line and paragraph separators, and invisible formatting (bidirectional overrides …).
    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }

    /// `\n`, `\t` or `\u001b`, in UTF-16 units as JSON wants them.
    private static func appendEscape(_ scalar: Unicode.Scalar, to out: inout String) {
        switch scalar {
        case "\n": out += "\\n"
        case "\r": out += "\\r"
        case "\t": out += "\\t"
        default:
            for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
                let hex = String(unit, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            }
        }
    }
}
