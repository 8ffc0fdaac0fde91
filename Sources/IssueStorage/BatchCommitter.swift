package import GRDB
package import Incidents
package import SPSCRing

/// One transaction for one or several batches, and then the acknowledgements. No threads, no waiting: ``StoreWorker`` is
/// the loop around it.
///
/// It belongs to one connection and is used on that connection's thread.
package final class BatchCommitter {
    private let db: Database
    private let writer: BatchWriter
    private let cursors: [CommitCursor]

    /// - Parameter cursors: by source number, as acknowledgements name them.
    package init(_ db: Database, cursors: [CommitCursor]) throws {
        self.db = db
        self.cursors = cursors
        writer = try BatchWriter(db)
    }

    /// Rows of the last transaction that the database would not have.
    var refusals: [BatchWriter.Refusal] { writer.refusals }

    /// Writes `batches`, in this order, in one transaction; then advances the cursors that they acknowledge. Leaves the
    /// batches as they are.
    ///
    /// - Throws: what concerns the whole transaction. Then it was rolled back, and nothing is acknowledged.
    package func commit(_ batches: some Collection<CommitBatch>) throws {
        try transaction { for batch in batches { try writer.write(batch) } }
        // Only from here on is it safe to tell anyone.
        for batch in batches {
            for acknowledgement in batch.acknowledgements {
                cursors[acknowledgement.source].advance(to: acknowledgement.sequence)
            }
        }
    }

    /// Writes only what `batches` say about requests, where there is no room for their readings, and acknowledges nothing.
    /// All of it has keys, so that committing the whole batches later changes nothing more.
    package func fileRequests(of batches: some Collection<CommitBatch>) throws {
        try transaction { for batch in batches { try writer.writeRequests(of: batch) } }
    }

    private func transaction(_ body: () throws -> Void) throws {
        writer.refusals.removeAll()
        do {
            try db.beginTransaction(.immediate)
            try body()
            try db.commit()
        } catch {
            // It may have been rolled back by SQLite itself.
            try? db.rollback()
            throw error
        }
    }
}
