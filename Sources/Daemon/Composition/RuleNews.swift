internal import Incidents
internal import Synchronization

/// Tells those who wait that rules have been committed.
final class RuleNews: Sendable {
    private let waiters = Mutex<[AsyncStream<RuleChange>.Continuation]>([])

    /// Changes of rules from now on, for one waiter; to be asked for before the change is posted.
    func changes() -> AsyncStream<RuleChange> {
        let (changes, waiter) = AsyncStream.makeStream(of: RuleChange.self)
        waiters.withLock { $0.append(waiter) }
        return changes
    }

    /// Tells a change that has been committed. Those who have heard enough are forgotten.
    func tell(_ change: RuleChange) {
        waiters.withLock { waiters in
            waiters.removeAll { if case .terminated = $0.yield(change) { true } else { false } }
        }
    }
}
