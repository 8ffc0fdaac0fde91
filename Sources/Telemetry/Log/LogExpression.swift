internal import Logging

/// A condition on an event's fields, as `sluice tail --where` takes it.
///
/// ```
/// expression = term { "or" term }
/// term       = factor { "and" factor }
/// factor     = "not" factor | "(" expression ")" | field [ operator value ]
/// operator   = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~"
/// ```
/// A field alone asks whether the event has it. A value is a word or stands in quotation marks; `request.*` means all that
/// begin so, `~` that the field contains the text, whatever the case. Numbers are compared as numbers, `level` by gravity,
/// everything else as text. A comparison with a field that the event does not have does not hold.
public struct LogExpression: Sendable {
    private let root: Node

    indirect enum Node: Sendable {
        case any([Node])
        case all([Node])
        case not(Node)
        case has(String)
        case compare(field: String, Comparison, value: String)
    }

    enum Comparison: String, Sendable, CaseIterable {
        case equal = "="
        case different = "!="
        case lessOrEqual = "<="
        case greaterOrEqual = ">="
        case less = "<"
        case greater = ">"
        case contains = "~"
    }

    public init(_ text: String) throws(LogExpressionError) {
        var parser = LogExpressionParser(try LogExpressionParser.words(of: text))
        root = try parser.whole()
    }

    public func holds(for record: LogRecord) -> Bool { Self.holds(root, record) }

    private static func holds(_ node: Node, _ record: LogRecord) -> Bool {
        switch node {
        case .any(let nodes): nodes.contains { holds($0, record) }
        case .all(let nodes): nodes.allSatisfy { holds($0, record) }
        case .not(let node): !holds(node, record)
        case .has(let field): record[field] != nil
        case .compare(let field, let comparison, let value): compare(record[field], field, comparison, value)
        }
    }

    private static func compare(
        _ found: LogRecord.Value?, _ field: String, _ comparison: Comparison, _ value: String
    ) -> Bool {
        guard let found else { return false }
        let text = found.description
        switch comparison {
        case .contains: return text.lowercased().contains(value.lowercased())
        case .equal where value.hasSuffix("*"): return text.hasPrefix(value.dropLast())
        case .different where value.hasSuffix("*"): return !text.hasPrefix(value.dropLast())
        default: break
        }
        if field == "level", let one = Logger.Level(rawValue: text), let other = Logger.Level(rawValue: value) {
            return holds(comparison, one.place, other.place)
        }
        if let one = Double(text), let other = Double(value) { return holds(comparison, one, other) }
        return holds(comparison, text, value)
    }

    private static func holds<Value: Comparable>(_ comparison: Comparison, _ one: Value, _ other: Value) -> Bool {
        switch comparison {
        case .equal: one == other
        case .different: one != other
        case .lessOrEqual: one <= other
        case .greaterOrEqual: one >= other
        case .less: one < other
        case .greater: one > other
        case .contains: false
        }
    }
}

/// What is wrong with an expression, and where.
public struct LogExpressionError: Error, Equatable, CustomStringConvertible {
    public var description: String
}
