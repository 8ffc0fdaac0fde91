internal import ServiceLifecycle
internal import Synchronization

/// A person's wish to stop: raised once, looked at by blocking work and waited for by asynchronous work.
final class StopFlag: Sendable {
    private let flag = Atomic<Bool>(false)
    private let news: AsyncStream<Void>
    private let end: AsyncStream<Void>.Continuation

    init() { (news, end) = AsyncStream.makeStream() }

    var isRaised: Bool { flag.load(ordering: .relaxed) }

    func raise() {
        flag.store(true, ordering: .relaxed)
        end.finish()
    }

    /// Returns once it is raised, or the caller is cancelled. For one waiter.
    func raised() async {
        for await _ in news {}
    }
}

/// Ends the service group, in order, when the flag is raised.
struct StopService: Service, CustomStringConvertible {
    let stop: StopFlag

    var description: String { "stop" }

    func run() async throws {
        await cancelWhenGracefulShutdown { await stop.raised() }
    }
}
