/// What became of a delivery, to be written down. Several are written in one transaction.
public enum OutboxChange: Sendable, Equatable {
    /// It arrived: its row goes, and the destination's count goes up.
    case delivered(id: Int64, atMs: Int64)
    /// It is not for this destination after all: its row goes, uncounted.
    case withheld(id: Int64)
    /// It is about to be sent, to one who may act on it without telling us.
    case sending(id: Int64, atMs: Int64)
    /// It did not arrive, or nobody knows; try again when due.
    case failed(id: Int64, atMs: Int64, dueAtMs: Int64, reason: String, isUnclear: Bool)
    /// It waits for something else, which is no failure: for a number, or for another look.
    case postponed(id: Int64, dueAtMs: Int64, reason: String)
    /// It is given up.
    case dead(id: Int64, atMs: Int64, reason: String, isUnclear: Bool)
    /// The request has this number there.
    case filed(destination: Int64, requestID: Int64, as: ForeignRequest, atMs: Int64)
    /// A broker retains the request's state, to be cleared at that time if any.
    case retained(destination: Int64, topic: RetainedTopic, clearAtMs: Int64?)
    /// A broker retains it no more.
    case cleared(destination: Int64, requestID: Int64)
    /// Whether the destination lists what is filed there.
    case listsRequests(destination: Int64, Bool)
}
