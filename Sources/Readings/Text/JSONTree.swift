import CSIMDJSON

/// A JSON document as a tree, for files that are read once.
indirect enum JSONTree {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONTree])
    /// In the document's order.
    case object([(name: String, value: JSONTree)])

    /// - Returns: nil where the text is no JSON of at most 16 levels (RFC 8259).
    init?(_ text: borrowing Span<UInt8>) {
        let parser = JSONParser(capacity: max(text.count, 1), paths: [])
        if parser.parseEvents(text) != nil { return nil }
        var position = 0
        self = Self.take(from: parser, &position)
    }

    /// The value that begins at `position`; the list is known to be well formed.
    private static func take(from parser: borrowing JSONParser, _ position: inout Int) -> JSONTree {
        let value = parser.member(position).value
        position += 1
        switch value.kind {
        case CSJ_TRUE: return .bool(true)
        case CSJ_FALSE: return .bool(false)
        case CSJ_INTEGER, CSJ_DOUBLE: return .number(value.number)
        case CSJ_STRING: return .string(value.withText { String(copying: $0) })
        case CSJ_ARRAY:
            var elements: [JSONTree] = []
            while parser.member(position).value.kind != CSJ_END { elements.append(take(from: parser, &position)) }
            position += 1
            return .array(elements)
        case CSJ_OBJECT:
            var members: [(name: String, value: JSONTree)] = []
            while parser.member(position).value.kind != CSJ_END {
                let name = parser.member(position).withName { String(copying: $0) }
                members.append((name, take(from: parser, &position)))
            }
            position += 1
            return .object(members)
        default: return .null  // null, and numbers beyond a double's range
        }
    }

    /// The first member with this name.
    subscript(name: String) -> JSONTree? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    var elements: [JSONTree]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    var string: String? {
        guard case .string(let string) = self else { return nil }
        return string
    }

    var number: Double? {
        guard case .number(let number) = self else { return nil }
        return number
    }
}
