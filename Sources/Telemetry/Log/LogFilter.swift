public import Logging

/// Which events somebody wants to see.
public struct LogFilter: Sendable, Equatable, Codable {
    /// Only events about one of these; empty: about any.
    public var services: [String] = []
    public var wards: [String] = []
    public var sensors: [String] = []
    /// Only events of this level or a graver one.
    public var level: Logger.Level?
    /// A ``LogExpression``; nil: all.
    public var expression: String?

    public init() {}

    /// - Throws: what is wrong with the expression.
    public func matcher() throws(LogExpressionError) -> LogMatcher { try LogMatcher(self) }
}

/// A filter made ready.
public struct LogMatcher: Sendable {
    private let filter: LogFilter
    private let expression: LogExpression?
    private let letsAllThrough: Bool

    init(_ filter: LogFilter) throws(LogExpressionError) {
        self.filter = filter
        if let text = filter.expression { expression = try LogExpression(text) } else { expression = nil }
        letsAllThrough = filter == LogFilter()
    }

    /// Whether a line of JSON is wanted.
    public func matches(json line: String) -> Bool {
        if letsAllThrough { return true }
        guard let record = LogRecord(json: line) else { return false }
        return matches(record)
    }

    public func matches(_ record: LogRecord) -> Bool {
        if let level = filter.level, record.level < level { return false }
        for (name, wanted) in [
            ("service", filter.services), ("ward", filter.wards), ("sensor", filter.sensors),
        ] where !wanted.isEmpty {
            guard let value = record[name], wanted.contains(value.description) else { return false }
        }
        return expression?.holds(for: record) ?? true
    }
}
