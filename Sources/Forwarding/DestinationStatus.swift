internal import Synchronization

/// How a destination does, for health checks.
public struct DestinationStatus: Sendable, Equatable {
    public var name: String
    /// nil while it takes what it is sent.
    public var trouble: String?
    public var failuresInARow = 0
    /// As the last look found them.
    public var queued = 0
    public var dead = 0
    public var oldestQueuedAtMs: Int64?

    package init(name: String) { self.name = name }
}

/// Where a destination's worker posts its status and any other task reads it.
final class DestinationBoard: Sendable {
    private let value: Mutex<DestinationStatus>

    init(name: String) { value = Mutex(DestinationStatus(name: name)) }

    var status: DestinationStatus { value.withLock { $0 } }

    func update(_ change: (inout DestinationStatus) -> Void) { value.withLock { change(&$0) } }
}
