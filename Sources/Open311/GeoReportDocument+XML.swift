extension GeoReportDocument {
    /// XML 1.0 in UTF-8 with its declaration.
    func xml() -> [UInt8] {
        var out = Array(#"<?xml version="1.0" encoding="utf-8"?>"#.utf8)
        out.append(0x0A)
        content.appendXML(as: root, to: &out)
        out.append(0x0A)
        return out
    }
}

extension GeoReportDocument.Node {
    fileprivate func appendXML(as element: String, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "<"))
        out.append(contentsOf: element.utf8)
        let start = out.count
        out.append(UInt8(ascii: ">"))
        appendXMLContent(to: &out)
        if out.count == start + 1 {
            out.replaceSubrange(start..., with: "/>".utf8)
            return
        }
        out.append(contentsOf: "</".utf8)
        out.append(contentsOf: element.utf8)
        out.append(UInt8(ascii: ">"))
    }

    private func appendXMLContent(to out: inout [UInt8]) {
        switch self {
        case .absent: break
        case .text(let text): Self.appendXMLText(text, to: &out)
        case .integer(let number): out.append(contentsOf: String(number).utf8)
        case .number(let number): if number.isFinite { out.append(contentsOf: "\(number)".utf8) }
        case .boolean(let isTrue): out.append(contentsOf: (isTrue ? "true" : "false").utf8)
        case .time(let ms): out.append(contentsOf: W3CDateTime(milliseconds: ms).description.utf8)
        case .fields(let fields): for field in fields { field.node.appendXML(as: field.name, to: &out) }
        case .list(let element, let items): for item in items { item.appendXML(as: element, to: &out) }
        }
    }

    /// Character data. What XML 1.0 §2.2 can't hold, escaped or not, becomes U+FFFD.
    private static func appendXMLText(_ text: String, to out: inout [UInt8]) {
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x26: out.append(contentsOf: "&amp;".utf8)
            case 0x3C: out.append(contentsOf: "&lt;".utf8)
            case 0x3E: out.append(contentsOf: "&gt;".utf8)
            // A reader turns a bare carriage return into a line feed (§2.11).
            case 0x0D: out.append(contentsOf: "&#13;".utf8)
            case 0x09, 0x0A, 0x20...0xFFFD, 0x1_0000...: out.append(contentsOf: UTF8.encode(scalar)!)
            default: out.append(contentsOf: [0xEF, 0xBF, 0xBD])
            }
        }
    }
}
