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
    private let advance: Statement
    private let cursors: [CommitCursor]
    /// Batches that are committed, by the number in the database: those that nobody was told of yet included.
    private var stored: Int64
    /// Of the batches that come next, how many are in already, though their commit failed.
    private var alreadyIn: Int
    /// A sync may have failed since the last that succeeded.
    private var isLogDoubtful = false

    /// - Parameters:
    ///   - cursors: by source number, as acknowledgements name them.
    ///   - committed: ``committed`` of the connection before this one, if it was given up within one run.
    ///   - waiting: how many batches it left that will be committed first, in the same order.
    package init(_ db: Database, cursors: [CommitCursor], behind committed: Int64? = nil, waiting: Int = 0) throws {
        self.db = db
        self.cursors = cursors
        writer = try BatchWriter(db)
        advance = try db.makeStatement(sql: CommitMark.advanceSQL)
        stored = try CommitMark.read(db)
        let found = stored - (committed ?? stored)
        // Any other number is not of our making: then all of them are written, and what is there already is refused.
        alreadyIn = (0...Int64(waiting)).contains(found) ? Int(found) : 0
    }

    /// Batches that were ever committed, and acknowledged if it was in this run.
    package var committed: Int64 { stored - Int64(alreadyIn) }

    /// The rows of the messages that the last commit put into quarantine, in order; nil where that is not known.
    private(set) var quarantineIDs: [Int64?] = []

    /// Rows of the last transaction that the database would not have.
    var refusals: [BatchWriter.Refusal] { writer.refusals }

    /// The same, a line each: table, key, reason.
    package var refusedRows: [String] { refusals.map { "\($0.table) \($0.row): \($0.reason)" } }

    /// Writes `batches`, in this order, in one transaction; then advances the cursors that they acknowledge. Those that are
    /// in already are only acknowledged: they were synced when the connection was opened. Leaves the batches as they are.
    ///
    /// - Throws: what concerns the whole transaction. Then nothing is acknowledged, and it was rolled back; or it is in
    ///   all the same, which the next connection finds out.
    package func commit(_ batches: some Collection<CommitBatch>) throws {
        writer.refusals.removeAll()
        writer.quarantineIDs.removeAll(keepingCapacity: true)
        let new = batches.dropFirst(alreadyIn)
        if !new.isEmpty {
            let next = stored + Int64(new.count)
            try transaction {
                if isLogDoubtful { try WriteAheadLog.rewrite(db) }
                try advance.execute(arguments: [next, stored])
                guard db.changesCount == 1 else { throw UnusableConnection(reason: "its commit number is another") }
                for batch in new { try writer.write(batch) }
            }
            stored = next
            isLogDoubtful = false
        }
        // Of what an earlier attempt wrote the rows are not known.
        let earlier = batches.prefix(batches.count - new.count).reduce(0) { $0 + $1.quarantined.count }
        quarantineIDs = Array(repeating: nil, count: earlier) + writer.quarantineIDs
        alreadyIn -= batches.count - new.count
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
        writer.refusals.removeAll()
        try transaction { for batch in batches { try writer.writeRequests(of: batch) } }
    }

    /// Runs `body` in a transaction that belongs to no batch, and acknowledges nothing.
    func transact(_ body: (Database) throws -> Void) throws {
        try transaction {
            if isLogDoubtful { try WriteAheadLog.rewrite(db) }
            try body(db)
        }
        isLogDoubtful = false
    }

    /// Notes that work on the connection has failed. After an I/O error the log is written again before more is built on it.
    package func noteFailure(_ error: any Error) {
        if (error as? DatabaseError)?.resultCode == .SQLITE_IOERR { isLogDoubtful = true }
    }

    /// Writes the log again if a sync of it may have failed; before a checkpoint, which begins with the sync of it.
    package func mendLog() throws {
        guard isLogDoubtful else { return }
        try transaction { try WriteAheadLog.rewrite(db) }
        isLogDoubtful = false
    }

    private func transaction(_ body: () throws -> Void) throws {
        do {
            try db.beginTransaction(.immediate)
            try body()
            try db.commit()
        } catch {
            // It may have been rolled back by SQLite itself.
            try? db.rollback()
            noteFailure(error)
            throw error
        }
    }
}
