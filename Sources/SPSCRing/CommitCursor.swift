internal import Synchronization

/// How far a source's batches have been committed: one number, stored by the store thread, read by the source's thread.
public final class CommitCursor: Sendable {
    private let committed = Atomic<UInt64>(0)
    /// Rung at each advance; the source may sleep on it.
    public let doorbell = Doorbell()

    public init() {}

    /// The sequence of the last batch whose transaction has been committed; 0 before the first.
    public var sequence: UInt64 { committed.load(ordering: .acquiring) }

    /// Called by the store thread alone, after the commit and in order.
    ///
    /// - Precondition: `sequence` is not below the last one.
    public func advance(to sequence: UInt64) {
        precondition(sequence >= committed.load(ordering: .relaxed), "commits must not go backwards")
        committed.store(sequence, ordering: .releasing)
        doorbell.ring()
    }
}
