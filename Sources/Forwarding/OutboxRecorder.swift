public import IssueStorage

/// Writes down what became of deliveries, in the store's own transaction.
public protocol OutboxRecorder: Sendable {
    /// Returns after the commit. Writing the same twice does no harm.
    func record(_ changes: [OutboxChange]) async throws
    /// Gives up what has waited too long, and forgets what was given up long ago.
    func sweepOutbox(queuedBeforeMs: Int64, deadBeforeMs: Int64, nowMs: Int64) async throws -> (
        givenUp: Int, removed: Int
    )
}

extension IssueStore: OutboxRecorder {}
