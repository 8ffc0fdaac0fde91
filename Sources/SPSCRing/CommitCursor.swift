internal import Synchronization

/// How far a source's batches have been committed: one number, stored by the store thread, read by the source's thread.
public final class CommitCursor: Sendable {
    private let committed = Atomic<UInt64>(0)
    private let heldSince = Atomic<Int64>(0)
    /// Rung at each advance; the source may sleep on it.
    public let doorbell = Doorbell()

    public init() {}

    /// The sequence of the last batch whose transaction has been committed; 0 before the first.
    public var sequence: UInt64 { committed.load(ordering: .acquiring) }

    /// Since when the source holds what is not committed, by ``MonotonicClock``, in nanoseconds; nil when it holds nothing.
    /// Set by the source's thread, for whoever measures.
    public var heldSinceNs: Int64? {
        get {
            let since = heldSince.load(ordering: .relaxed)
            return since > 0 ? since : nil
        }
        set { heldSince.store(newValue ?? 0, ordering: .relaxed) }
    }

    /// Called by the store thread alone, after the commit and in order.
    ///
    /// - Precondition: `sequence` is not below the last one.
    public func advance(to sequence: UInt64) {
        precondition(sequence >= committed.load(ordering: .relaxed), "commits must not go backwards")
        committed.store(sequence, ordering: .releasing)
        doorbell.ring()
    }
}
