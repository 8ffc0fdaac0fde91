internal import Synchronization

/// Has the configuration, or the imported sensors, read again. Several hangups that come while one is dealt with are one.
final class ReloadBell: Sendable {
    /// What has been asked for since the last look.
    struct Wanted: Sendable {
        var isWhole = false
        /// Who waits until the imported sensors hold.
        var waiting: [CheckedContinuation<Void, any Error>] = []
    }

    private struct State {
        var wanted = Wanted()
        /// Whether nobody listens any more.
        var isClosed = false
    }

    private let state = Mutex(State())
    private let ring: AsyncStream<Void>.Continuation
    /// Rings when something is wanted. For one waiter.
    let rings: AsyncStream<Void>

    init() { (rings, ring) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1)) }

    /// The configuration is to be read again.
    func hangup() {
        state.withLock { $0.wanted.isWhole = true }
        ring.yield()
    }

    /// Waits until the sensors that have just been imported hold.
    ///
    /// - Throws: why they don't: what was wrong with them, or that the daemon stops.
    func registryHasChanged() async throws {
        try await withCheckedThrowingContinuation { waiter in
            let isHeard = state.withLock { state in
                if !state.isClosed { state.wanted.waiting.append(waiter) }
                return !state.isClosed
            }
            if isHeard { ring.yield() } else { waiter.resume(throwing: Self.stopping) }
        }
    }

    func take() -> Wanted {
        state.withLock { state in
            defer { state.wanted = Wanted() }
            return state.wanted
        }
    }

    /// Nobody will look again.
    func close() {
        let left = state.withLock { state in
            state.isClosed = true
            return state.wanted.waiting
        }
        for waiter in left { waiter.resume(throwing: Self.stopping) }
    }

    private static let stopping = LocalError(
        code: "stopping", "the daemon is stopping; the sensors are imported and hold from its next start")
}
