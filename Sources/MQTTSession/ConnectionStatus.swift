internal import Synchronization
internal import TimeBase

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
    /// Whether the broker has delivered what it had kept for us, and what its journal had beyond that.
    public var isCaughtUp = false
    /// For how long the oldest message that has been read has waited for its commit, in milliseconds; nil when none waits.
    public var oldestUncommittedMs: Int64?
    /// What is wrong with the broker's journal, as a sentence; nil when all is well, or when none is configured. While it is
    /// not nil, the broker's death may lose what it had not delivered.
    public var journalProblem: String?

    /// How long our own message was under way when it last came back through the broker and the store, in milliseconds.
    public var canaryMs: Int64?
    /// For how long it should have come back and has not, in milliseconds; nil while all is well, or none is sent.
    public var canaryOverdueMs: Int64?
    /// Whether the broker refused it.
    public var isCanaryRefused = false

    public init(phase: Phase, sinceMs: Int64, lastError: String? = nil, connects: Int = 0) {
        (self.phase, self.sinceMs, self.lastError, self.connects) = (phase, sinceMs, lastError, connects)
    }
}

/// Where a session's thread posts its status and any other thread reads it. The lock is taken at changes only.
public final class StatusBoard: Sendable {
    private let value: Mutex<ConnectionStatus>
    /// Since when a message waits for its commit, on the monotonic clock; -1 when none does.
    private let heldSinceMs = Atomic<Int64>(-1)
    /// By when our own message must have returned, on the monotonic clock; -1 when none is awaited.
    private let canaryDeadlineMs = Atomic<Int64>(-1)

    public init() { value = Mutex(ConnectionStatus(phase: .connecting, sinceMs: 0)) }

    public var status: ConnectionStatus {
        var status = value.withLock { $0 }
        let since = heldSinceMs.load(ordering: .relaxed)
        if since >= 0 { status.oldestUncommittedMs = max(0, MonotonicClock.nowMs() - since) }
        let deadline = canaryDeadlineMs.load(ordering: .relaxed)
        let overdueMs = MonotonicClock.nowMs() - deadline
        if deadline >= 0, overdueMs > 0 { status.canaryOverdueMs = overdueMs }
        return status
    }

    /// By when our own message must have returned, on the monotonic clock; nil when none is awaited. Cheap: for each turn.
    package func awaitCanary(untilMs deadline: Int64?) { canaryDeadlineMs.store(deadline ?? -1, ordering: .relaxed) }

    package func canaryReturned(afterMs: Int64) {
        value.withLock { status in
            status.canaryMs = afterMs
            status.isCanaryRefused = false
        }
    }

    package func canaryRefused() { value.withLock { $0.isCanaryRefused = true } }

    /// Since when the oldest message is held, on the monotonic clock; nil when nothing is. Cheap: for each turn.
    package func holding(sinceMs: Int64?) { heldSinceMs.store(sinceMs ?? -1, ordering: .relaxed) }

    package func caughtUp(_ isCaughtUp: Bool) { value.withLock { $0.isCaughtUp = isCaughtUp } }

    package func journal(problem: String?) { value.withLock { $0.journalProblem = problem } }

    func update(_ change: (inout ConnectionStatus) -> Void) { value.withLock { change(&$0) } }
}
