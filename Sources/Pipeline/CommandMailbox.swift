package import SPSCRing
internal import Synchronization

/// The small side door into the stream's order: ticks now, people's commands later.
///
/// The pipeline thread looks at one atomic flag a round; only when it is set does it take the lock.
public final class CommandMailbox: Sendable {
    public enum Command: Sendable, Equatable {
        /// The daemon's clock stands at this time, in milliseconds since the Unix epoch.
        case tick(atMs: Int64)
    }

    private let hasMail = Atomic<Bool>(false)
    private let commands = Mutex<[Command]>([])
    private let pipeline: Doorbell

    package init(pipeline: Doorbell) { self.pipeline = pipeline }

    /// Puts a command at the end of the line. A tick that has not been met yet is overtaken by a newer one.
    public func post(_ command: Command) {
        commands.withLock { waiting in
            if case .tick = command, case .tick? = waiting.last { waiting.removeLast() }
            waiting.append(command)
        }
        hasMail.store(true, ordering: .releasing)
        pipeline.ring()
    }

    /// Whether there is anything to take. Lock-free.
    var isEmpty: Bool { !hasMail.load(ordering: .acquiring) }

    /// Everything posted so far, in order.
    func takeAll() -> [Command] {
        hasMail.store(false, ordering: .releasing)
        return commands.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
    }
}
