internal import Synchronization

/// How a broker connection is doing, as health checks and the dashboard show it.
public struct ConnectionStatus: Sendable, Equatable {
    public enum Phase: String, Sendable, Codable {
        /// An attempt is under way.
        case connecting
        /// Subscribed; messages flow.
        case connected
        /// The broker answered and said no: to our name and password, or to a subscription.
        case refused
        /// Waiting until the next attempt.
        case backoff
        /// Ended on purpose.
        case stopped
    }

    public var phase: Phase
    /// When it came into this phase, in milliseconds since the Unix epoch.
    public var sinceMs: Int64
    /// What went wrong last, as a sentence; kept while connected, so that one can see why it reconnected.
    public var lastError: String?
    /// Connections made so far.
    public var connects = 0

    public init(phase: Phase, sinceMs: Int64, lastError: String? = nil, connects: Int = 0) {
        (self.phase, self.sinceMs, self.lastError, self.connects) = (phase, sinceMs, lastError, connects)
    }
}

/// Where a session's thread posts its status and any other thread reads it. Touched at changes only.
public final class StatusBoard: Sendable {
    private let value: Mutex<ConnectionStatus>

    public init() { value = Mutex(ConnectionStatus(phase: .connecting, sinceMs: 0)) }

    public var status: ConnectionStatus { value.withLock { $0 } }

    func update(_ change: (inout ConnectionStatus) -> Void) { value.withLock { change(&$0) } }
}
