public import Incidents
package import SPSCRing
internal import Synchronization

/// The small side door into the stream's order: ticks, people's words, and other rules.
///
/// The pipeline thread looks at one atomic flag a round; only when it is set does it take the lock, for some
/// instructions. Commands are met in the order of posting, within one round or two even while the rings are full. A tick
/// waits for what had arrived before it.
public final class CommandMailbox: Sendable {
    public enum Command: Sendable, Equatable {
        /// The daemon's clock stands at this time, in milliseconds since the Unix epoch.
        case tick(atMs: Int64)
        case person(StreamCommand)
        /// A message that was in quarantine and can be read today.
        case retried(RetriedMessage)
    }

    /// What became of a command that was posted.
    public enum Receipt: String, Sendable {
        /// It will be met, if the daemon lives; its answer comes after the commit.
        case taken
        /// ``capacity`` commands wait already. Later there is room again.
        case full
        case stopping
    }

    /// So many people's commands may wait. The store's commits take them along; when it stalls, the mailbox fills.
    public static let capacity = 1024

    /// So many retried messages may wait; each may hold some hundred kilobytes.
    public static let retriedCapacity = 64

    private struct Mail {
        var commands: [StreamCommand] = []
        var retried: [RetriedMessage] = []
        var tickAtMs: Int64?
        var rules: RuleSwitch?
        var isClosed = false
    }

    /// Everything that was posted since the last look.
    struct Taken {
        var commands: [StreamCommand]
        var retried: [RetriedMessage]
        var tickAtMs: Int64?
        var rules: RuleSwitch?
    }

    private let hasMail = Atomic<Bool>(false)
    private let mail = Mutex(Mail())
    private let pipeline: Doorbell

    package init(pipeline: Doorbell) { self.pipeline = pipeline }

    /// Puts a command at the end of the line. A tick that has not been met yet is replaced by a newer one.
    @discardableResult public func post(_ command: Command) -> Receipt {
        let receipt = mail.withLock { mail -> Receipt in
            guard !mail.isClosed else { return .stopping }
            switch command {
            case .tick(let atMs): mail.tickAtMs = atMs
            case .person(let command):
                guard mail.commands.count < Self.capacity else { return .full }
                mail.commands.append(command)
            case .retried(let message):
                guard mail.retried.count < Self.retriedCapacity else { return .full }
                mail.retried.append(message)
            }
            return .taken
        }
        guard receipt == .taken else { return receipt }
        hasMail.store(true, ordering: .releasing)
        pipeline.ring()
        return receipt
    }

    /// Puts rules into the stream. Some that have not been met yet are replaced by newer ones.
    @discardableResult public func post(_ rules: RuleSwitch) -> Receipt {
        let receipt = mail.withLock { mail -> Receipt in
            guard !mail.isClosed else { return .stopping }
            mail.rules = rules
            return .taken
        }
        guard receipt == .taken else { return receipt }
        hasMail.store(true, ordering: .releasing)
        pipeline.ring()
        return receipt
    }

    /// Takes nothing more from here on.
    func close() { mail.withLock { $0.isClosed = true } }

    /// Whether there is anything to take. Lock-free.
    var isEmpty: Bool { !hasMail.load(ordering: .acquiring) }

    /// Everything posted so far: people's commands and retried messages in order, the newest tick, the newest rules.
    func takeAll() -> Taken {
        hasMail.store(false, ordering: .releasing)
        return mail.withLock { mail in
            defer { (mail.commands, mail.retried, mail.tickAtMs, mail.rules) = ([], [], nil, nil) }
            return Taken(
                commands: mail.commands, retried: mail.retried, tickAtMs: mail.tickAtMs, rules: mail.rules)
        }
    }
}
