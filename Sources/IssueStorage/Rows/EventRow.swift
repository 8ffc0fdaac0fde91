internal import Incidents

/// How a tick or a connection change stands in table `stream_event`.
enum EventRow {
    static let insertSQL = "INSERT INTO stream_event VALUES (?, ?, ?, ?)"
    static let columns = "sequence, kind, source, at"

    static func bind(_ event: StreamEvent, to statement: RawStatement) {
        statement.bind(event.sequence, at: 1)
        statement.bind(Int64(event.kind.rawValue), at: 2)
        statement.bind(Int64(event.source), at: 3)
        statement.bind(event.atMs, at: 4)
    }

    /// The present row of a statement that selects ``columns``.
    static func event(_ statement: RawStatement) throws -> StreamEvent {
        let kind = UInt8(truncatingIfNeeded: statement.integer(1))
        return StreamEvent(
            sequence: statement.integer(0),
            kind: try known(StreamEvent.Kind(rawValue: kind), "stream_event", "kind", kind),
            source: Int(statement.integer(2)), atMs: statement.integer(3))
    }
}
