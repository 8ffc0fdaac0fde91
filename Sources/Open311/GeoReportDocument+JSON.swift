extension GeoReportDocument {
    /// RFC 8259 JSON without white space.
    func json() -> [UInt8] {
        var out: [UInt8] = []
        content.appendJSON(to: &out)
        return out
    }
}

extension GeoReportDocument.Node {
    fileprivate func appendJSON(to out: inout [UInt8]) {
        switch self {
        case .absent: out.append(contentsOf: "null".utf8)
        case .text(let text): Self.appendJSONString(text, to: &out)
        case .integer(let number): out.append(contentsOf: String(number).utf8)
        case .number(let number): out.append(contentsOf: (number.isFinite ? "\(number)" : "null").utf8)
        case .boolean(let isTrue): out.append(contentsOf: (isTrue ? "true" : "false").utf8)
        case .time(let ms): Self.appendJSONString(W3CDateTime(milliseconds: ms).description, to: &out)
        case .fields(let fields):
            out.append(UInt8(ascii: "{"))
            for (position, field) in fields.enumerated() {
                if position > 0 { out.append(UInt8(ascii: ",")) }
                Self.appendJSONString(field.name, to: &out)
                out.append(UInt8(ascii: ":"))
                field.node.appendJSON(to: &out)
            }
            out.append(UInt8(ascii: "}"))
        case .list(_, let items):
            out.append(UInt8(ascii: "["))
            for (position, item) in items.enumerated() {
                if position > 0 { out.append(UInt8(ascii: ",")) }
                item.appendJSON(to: &out)
            }
            out.append(UInt8(ascii: "]"))
        }
    }

    private static func appendJSONString(_ text: String, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        defer { out.append(UInt8(ascii: "\"")) }
        guard needsEscapes(text) else {
            out.append(contentsOf: text.utf8)
            return
        }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): out.append(contentsOf: #"\""#.utf8)
            case UInt8(ascii: "\\"): out.append(contentsOf: #"\\"#.utf8)
            case 0x0A: out.append(contentsOf: #"\n"#.utf8)
            case 0x00..<0x20:
                let hex = String(byte, radix: 16)
                out.append(contentsOf: (byte < 0x10 ? #"\u000"# : #"\u00"#).utf8)
                out.append(contentsOf: hex.utf8)
            default: out.append(byte)
            }
        }
    }

    /// Hardly any text does: the rest is copied at once.
    private static func needsEscapes(_ text: String) -> Bool {
        let bytes = text.utf8Span.span
        // No way out of the loop, so that it is done 32 bytes at a time.
        var found: UInt8 = 0
        for index in bytes.indices {
            let byte = bytes[index]
            found |= byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? 1 : 0
        }
        return found != 0
    }
}
