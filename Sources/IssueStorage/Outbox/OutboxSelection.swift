internal import GRDB

/// Which rows of the outbox a command means. Conditions that are given must all hold.
public struct OutboxSelection: Sendable, Equatable, Codable {
    public var ids: [Int64]?
    /// The destination's name.
    public var destination: String?
    /// By their names; nil: all.
    public var states: [String]?
    /// Of this request.
    public var requestID: Int64?

    public init() {}

    /// The SQL behind `WHERE`, with its arguments.
    var condition: (sql: String, arguments: StatementArguments) {
        var clauses: [String] = []
        var arguments = StatementArguments()
        if let ids {
            clauses.append("outbox.id IN (\(ids.map { _ in "?" }.joined(separator: ", ")))")
            arguments += StatementArguments(ids)
        }
        if let states {
            clauses.append("outbox.state IN (\(states.map { _ in "?" }.joined(separator: ", ")))")
            arguments += StatementArguments(states)
        }
        if let destination {
            clauses.append("outbox.destination = (SELECT number FROM outbox_destination WHERE name = ?)")
            arguments += [destination]
        }
        if let requestID {
            clauses.append("outbox.request_id = ?")
            arguments += [requestID]
        }
        return (clauses.isEmpty ? "TRUE" : clauses.joined(separator: " AND "), arguments)
    }
}
