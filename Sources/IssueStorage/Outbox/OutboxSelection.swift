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

    var condition: SQLCondition {
        var all = SQLCondition()
        all.isIn("outbox.id", ids)
        all.isIn("outbox.state", states)
        all.add("outbox.destination = (SELECT number FROM outbox_destination WHERE name = ?)", ifAny: destination)
        all.add("outbox.request_id = ?", ifAny: requestID)
        return all
    }
}
