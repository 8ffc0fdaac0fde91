extension IssueStore {
    /// Makes the outbox's destinations those of the configuration, before the store is started: what is written from then on
    /// is told to them. See ``OutboxWriter/configure(_:in:nowMs:)``.
    public func configureOutbox(_ destinations: [OutboxDestination], nowMs: Int64) throws {
        try performNow { db in try OutboxWriter.configure(destinations, in: db, nowMs: nowMs) }
    }

    /// Writes down what became of deliveries, in one transaction; returns after its commit.
    public func record(_ changes: [OutboxChange]) async throws {
        try await perform { db in try OutboxWriter.apply(changes, in: db) }
    }

    /// See ``OutboxWriter/sweep(queuedBeforeMs:deadBeforeMs:nowMs:in:)``.
    public func sweepOutbox(queuedBeforeMs: Int64, deadBeforeMs: Int64, nowMs: Int64) async throws -> (
        givenUp: Int, removed: Int
    ) {
        try await perform { db in
            try OutboxWriter.sweep(
                queuedBeforeMs: queuedBeforeMs, deadBeforeMs: deadBeforeMs, nowMs: nowMs, in: db)
        }
    }
}
