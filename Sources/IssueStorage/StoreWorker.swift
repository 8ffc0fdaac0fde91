internal import GRDB
internal import Incidents
internal import Logging
internal import Metrics
internal import SPSCRing

/// The store thread's loop. It owns the writer connection and every batch whose number it has popped.
///
/// ```
///   filled ring ─▶ take all that wait ─▶ one transaction ─▶ COMMIT ─▶ cursors ─▶ onCommit ─▶ reset ─▶ free ring
///                        ▲                     │ fails
///                        └──── back off ◀──────┘ ROLLBACK, keep the batches, acknowledge nothing
/// ```
final class StoreWorker {
    /// What it was started with.
    struct Parts: Sendable {
        var database: StoreDatabase
        var batches: [CommitBatch]
        var bell: Doorbell
        var pipelineBell: Doorbell
        var cursors: [CommitCursor]
        var control: StoreControl
        var metrics: StoreMetrics
        var logger: Logger
        var onCommit: @Sendable (CommittedBatch) -> Void
    }

    private enum Ending { case stopped, reopen }

    private let parts: Parts
    private var filled: RingConsumer<UInt32>
    private var free: RingProducer<UInt32>
    /// Taken and not committed yet, oldest first.
    private var pending: [UInt32] = []
    private var stall = Stall()

    init(_ parts: Parts, filled: consuming RingConsumer<UInt32>, free: consuming RingProducer<UInt32>) {
        self.parts = parts
        self.filled = filled
        self.free = free
        pending.reserveCapacity(parts.batches.count)
    }

    /// Runs until it is told to stop and everything filled is committed, or can't be.
    /// - Parameter first: the connection that recovery used; later ones are opened here.
    func run(_ first: DatabaseQueue) {
        var queue: DatabaseQueue? = first
        while true {
            do {
                let open = try queue ?? parts.database.open()
                queue = nil
                // On this thread, for as long as all goes well: no dispatch a batch.
                let ending = try open.writeWithoutTransaction { db in try serve(db) }
                close(open)
                if ending == .stopped { break }
            } catch {
                failed(error)
            }
            if parts.control.isStopping { break }
            waitToRetry()
        }
        if !pending.isEmpty || !filled.isEmpty {
            parts.logger.error(
                "store.stopped_uncommitted",
                metadata: ["reason": "\(stall.reason ?? "unknown")", "effect": "the broker sends these readings again"])
        }
    }

    /// Commits batches until told to stop, or until the connection is no longer to be trusted.
    private func serve(_ db: Database) throws -> Ending {
        let writer = try BatchWriter(db)
        let checkpointer = Checkpointer(db)
        defer { checkpointer.detach(from: db) }
        var pageLimit = 0
        while true {
            // In this order: what was filled before the stop is seen after it.
            let isStopping = parts.control.isStopping
            takeFilled()
            if pending.isEmpty {
                if isStopping { return .stopped }
                if checkpointer.isDue(isIdle: true) { checkpoint(checkpointer, db) }
                parts.bell.wait(timeoutMs: 1000) { !filled.isEmpty || parts.control.isStopping }
                continue
            }
            do {
                try applyLimit(db, &pageLimit)
                try commit(stall.isStalled ? 1 : pending.count, db, writer)
                if checkpointer.isDue(isIdle: false) { checkpoint(checkpointer, db) }
            } catch {
                try? db.rollback()
                failed(error)
                if parts.control.isStopping { return .stopped }
                if Self.isConnectionLost(error) { return .reopen }
                waitToRetry()
            }
        }
    }

    private func takeFilled() {
        while let number = filled.pop() { pending.append(number) }
    }

    /// Writes the oldest `count` pending batches in one transaction, then tells everyone.
    private func commit(_ count: Int, _ db: Database, _ writer: BatchWriter) throws {
        let start = ContinuousClock.now
        writer.refusals.removeAll()
        try db.beginTransaction(.immediate)
        for number in pending.prefix(count) { try writer.write(parts.batches[Int(number)]) }
        try db.commit()
        let end = ContinuousClock.now
        // Only from here on is it safe to tell anyone.
        for number in pending.prefix(count) { acknowledge(parts.batches[Int(number)]) }
        committed(count, from: start, to: end)
        report(writer.refusals)
        for number in pending.prefix(count) { release(number) }
        pending.removeFirst(count)
        parts.pipelineBell.ring()
    }

    private func acknowledge(_ batch: CommitBatch) {
        for acknowledgement in batch.acknowledgements {
            parts.cursors[acknowledgement.source].advance(to: acknowledgement.sequence)
        }
    }

    private func release(_ number: UInt32) {
        let batch = parts.batches[Int(number)]
        parts.metrics.count(batch)
        parts.onCommit(CommittedBatch(batch))
        batch.reset()
        let isReturned = free.push(number)
        precondition(isReturned, "the ring of free batches holds fewer than there are batches")
    }

    // MARK: - What people see of it

    private func committed(_ count: Int, from start: ContinuousClock.Instant, to end: ContinuousClock.Instant) {
        let duration = end - start
        parts.metrics.commitDuration.recordNanoseconds(duration.nanoseconds)
        parts.metrics.batchesPerCommit.record(count)
        parts.control.update { status in
            status.isWritable = true
            status.stalledSince = nil
            status.lastCommitAt = end
            status.lastCommitDuration = duration
        }
        guard let ended = stall.end(at: end) else { return }
        parts.metrics.stalled.record(0)
        parts.logger.notice("store.recovered", metadata: ["stalled": "\(ended)"])
    }

    private func failed(_ error: any Error) {
        let reason = StorageError(error, path: parts.database.path, doing: "committing").description
        let isNews = stall.begin(reason: reason, at: .now)
        parts.metrics.retries.increment()
        if isNews {
            parts.metrics.stalled.record(1)
            parts.logger.error(
                "store.stalled",
                metadata: ["reason": "\(reason)", "effect": "nothing is acknowledged; the broker holds the readings"])
        }
        parts.control.update { [stall] status in
            status.isWritable = false
            status.stalledSince = stall.since
            status.lastError = reason
        }
    }

    private func report(_ refusals: [BatchWriter.Refusal]) {
        guard !refusals.isEmpty else { return }
        parts.metrics.refused.increment(by: refusals.count)
        // One line each would bury the log if a whole batch is wrong.
        for refusal in refusals.prefix(10) {
            parts.logger.critical(
                "store.row_refused",
                metadata: [
                    "table": "\(refusal.table)", "row": "\(refusal.row)", "reason": "\(refusal.reason)",
                    "refused_in_commit": "\(refusals.count)",
                ])
        }
    }

    private func checkpoint(_ checkpointer: Checkpointer, _ db: Database) {
        do {
            try checkpointer.run(db)
        } catch {
            // Nothing is lost: all of it stays in the log. If it is the disk, the next commit will say so.
            let reason = StorageError(error, path: parts.database.path, doing: "a checkpoint").description
            parts.logger.warning("store.checkpoint_failed", metadata: ["reason": "\(reason)"])
        }
        parts.metrics.databaseBytes.record(fileBytes(parts.database.path))
        parts.metrics.walBytes.record(fileBytes(parts.database.path + "-wal"))
    }

    // MARK: - Trouble

    /// Sleeps for the present backoff, or until told to stop.
    private func waitToRetry() {
        let until = ContinuousClock.now + stall.nextDelay()
        while !parts.control.isStopping {
            let left = (until - .now).nanoseconds / 1_000_000
            guard left > 0 else { return }
            parts.bell.wait(timeoutMs: Int32(clamping: left), spins: 0) { parts.control.isStopping }
        }
    }

    /// After an I/O error SQLite's idea of the file may differ from the disk's; a new connection reads it afresh.
    private static func isConnectionLost(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return false }
        return switch error.resultCode {
        case .SQLITE_FULL, .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_NOMEM, .SQLITE_INTERRUPT: false
        default: true
        }
    }

    private func applyLimit(_ db: Database, _ applied: inout Int) throws {
        let bytes = parts.control.maximumBytes
        guard bytes != applied else { return }
        let pageSize = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 4096
        // SQLite's own maximum stands for "no limit".
        let pages = bytes == 0 ? 4_294_967_294 : max(1, bytes / pageSize)
        try db.execute(sql: "PRAGMA max_page_count = \(pages)")
        applied = bytes
    }

    private func close(_ queue: DatabaseQueue) {
        do {
            try queue.close()
        } catch {
            parts.logger.warning("store.close_failed", metadata: ["reason": "\(error)"])
        }
    }
}
