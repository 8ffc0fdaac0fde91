public import Open311

/// One public change on its way to one destination.
public struct OutboxItem: Sendable, Equatable {
    public enum State: String, Sendable, CaseIterable {
        /// To be delivered, now or after a wait.
        case queued
        /// Given up: a person decides.
        case dead
        /// Its destination was removed.
        case retired
    }

    /// What `sluice outbox` calls it.
    public var id: Int64
    /// The destination's row, and its name.
    public var destination: Int64
    public var destinationName: String
    public var requestID: Int64
    /// The number of the request's update.
    public var number: Int
    public var state: State
    /// On the system's clock, as all times here.
    public var queuedAtMs: Int64
    /// Not to be tried before.
    public var dueAtMs: Int64
    /// Attempts that failed.
    public var attempts: Int
    public var triedAtMs: Int64?
    /// Since when it may have arrived although nobody said so; nil when it surely has not.
    public var unclearSinceMs: Int64?
    /// Why the last attempt failed.
    public var reason: String?
    /// The request as it is now, which may be later than the change.
    public var request: ServiceRequest
    /// The change.
    public var update: RequestUpdate
    /// Whether it opened, closed or reopened the request.
    public var changesStatus: Bool
    /// The request's number at a destination that has numbers of its own, once it is filed there.
    public var foreign: ForeignRequest?
}

/// A request's number on another city's server.
public struct ForeignRequest: Sendable, Equatable {
    /// nil while only the token is known.
    public var id: String?
    public var token: String?

    public init(id: String?, token: String?) { (self.id, self.token) = (id, token) }
}

/// A request's state that a broker retains for us.
public struct RetainedTopic: Sendable, Equatable {
    public var requestID: Int64
    public var topic: String

    public init(requestID: Int64, topic: String) { (self.requestID, self.topic) = (requestID, topic) }
}
