/// What somebody who follows the events asks: where to begin, what for, and how long to wait for it.
public struct LogQuestion: Sendable, Equatable, Codable {
    /// Behind what was read before; nil at the first question.
    public var position: EventTapeReader.Position?
    /// At the first question: from so long ago, in milliseconds; nil: from now on.
    public var sinceMs: Int64?
    public var filter = LogFilter()
    /// At most so many lines.
    public var limit = 500
    /// How long to wait for a line when there is none, in milliseconds.
    public var waitMs: Int64 = 0

    public init() {}

    public static let mostLines = 5000
    public static let longestWaitMs: Int64 = 60_000
    /// Longer ago than any tape began, in milliseconds: 30 years.
    private static let longestAgoMs: Int64 = 1_000_000_000_000

    /// The question within bounds.
    public var bounded: LogQuestion {
        var question = self
        question.limit = min(max(limit, 1), Self.mostLines)
        question.waitMs = min(max(waitMs, 0), Self.longestWaitMs)
        question.sinceMs = sinceMs.map { min(max($0, 0), Self.longestAgoMs) }
        return question
    }
}

/// Where events can be followed.
public protocol LogSource: Sendable {
    /// The next lines, as soon as there are any; none when the wait is over.
    ///
    /// - Returns: nil where no events are kept.
    /// - Throws: ``LogExpressionError``.
    func page(_ question: LogQuestion) async throws -> EventTapeReader.Page?
}
