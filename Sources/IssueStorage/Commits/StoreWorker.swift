internal import GRDB
internal import Incidents
internal import Logging
internal import Metrics
internal import SPSCRing
internal import Telemetry
internal import TimeBase

/// The store thread's loop. It owns the writer connection and every batch whose number it has popped.
///
/// ```
///   filled ring ─▶ take all that wait ─▶ one transaction ─▶ COMMIT ─▶ cursors ─▶ onCommit ─▶ reset ─▶ free ring
///                        ▲   │                 │ fails
///                        │   └ nothing waits:  ▼
///                        │     one step of     ROLLBACK, keep the batches, acknowledge nothing
///                        │     upkeep          │
///                        └──── back off ◀──────┴─ the disk is full: make room, else file the requests alone
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
        var jobs: JobQueue
        var configuration: StoreConfiguration
        var metrics: StoreMetrics
        var historyMetrics: HistoryMetrics
        var logger: Logger
        var onCommit: @Sendable (CommittedBatch) -> Void
    }

    /// What belongs to one connection.
    struct Tools {
        let db: Database
        let committer: BatchCommitter
        let checkpointer: Checkpointer
        let keeper: HistoryKeeper

        /// - Parameters: `committed` and `waiting` as ``BatchCommitter`` wants them.
        init(_ db: Database, _ parts: Parts, behind committed: Int64?, waiting: Int) throws {
            self.db = db
            committer = try BatchCommitter(db, cursors: parts.cursors, behind: committed, waiting: waiting)
            keeper = try HistoryKeeper(db, parts.configuration, parts.historyMetrics, parts.logger)
            checkpointer = Checkpointer(db)
        }
    }

    private enum Ending { case stopped, reopen }

    let parts: Parts
    private var filled: RingConsumer<UInt32>
    private var free: RingProducer<UInt32>
    /// Taken and not committed yet, oldest first.
    private(set) var pending: [UInt32] = []
    /// When emptying the log is tried next, if that is wanted: a reader may still need it.
    private var emptyingAt = ContinuousClock.now
    /// Batches that were ever committed, as the last connection knew it; nil before the first.
    private var committedBatches: Int64?
    /// Of those that are pending, how many have had their requests filed alone.
    var filedAlone = 0
    private(set) var stall = Stall()
    /// From the first step that found no space until none has for a while.
    var shortage = OngoingTrouble(reminder: .seconds(60))
    private var pace = KeepingPace()
    private var keepingTrouble: String?
    var reserve: DiskReserve
    /// From the first commit that found no space until the reserve is whole again.
    var isDiskFull = false

    init(_ parts: Parts, filled: consuming RingConsumer<UInt32>, free: consuming RingProducer<UInt32>) {
        self.parts = parts
        self.filled = filled
        self.free = free
        reserve = DiskReserve(database: parts.database.path, bytes: parts.configuration.reserveBytes)
        pending.reserveCapacity(parts.batches.count)
    }

    /// Runs until it is told to stop and everything filled is committed, or can't be.
    /// - Parameter first: the connection that recovery used; later ones are opened here.
    func run(_ first: DatabaseQueue) {
        defer {
            parts.jobs.close()
            parts.control.pulse.rest()
        }
        parts.control.pulse.beat()
        fillReserve()
        if !reserve.isWhole {
            parts.logger.warning(
                "store.reserve_missing",
                metadata: ["effect": "the disk is nearly full; should it fill up, requests may not be filed"])
        }
        var queue: DatabaseQueue? = first
        while true {
            do {
                let open = try queue ?? reopen()
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
        let tools = try Tools(db, parts, behind: committedBatches, waiting: pending.count)
        committedBatches = tools.committer.committed
        var trust = ConnectionTrust()
        defer {
            tools.checkpointer.detach(from: db)
            // Closing the last connection is a checkpoint.
            try? tools.committer.mendLog()
        }
        var pageLimit = 0
        while true {
            parts.control.pulse.beat()
            // In this order: what was filled before the stop is seen after it.
            let isStopping = parts.control.isStopping
            takeFilled()
            // While batches fail, so would jobs: they are refused as long as the wait for the next try lasts.
            if pending.isEmpty || !stall.isStalled, let error = doJobs(tools.committer) {
                Doubt(of: parts.database.path).note(error, path: parts.database.path)
                if trust.isLost(after: error) { return .reopen }
            }
            if pending.isEmpty {
                if isStopping {
                    if parts.control.settlesFirst, settle(tools) { continue }
                    return .stopped
                }
                if try !useIdleTime(tools) { return .reopen }
                continue
            }
            do {
                try applyLimit(db, &pageLimit)
                try commit(stall.isStalled ? 1 : pending.count, tools.committer)
                trust.succeeded()
                if tools.checkpointer.isDue(isIdle: false) { moveLog(tools) }
            } catch {
                failed(error)
                if parts.control.isStopping { return .stopped }
                if trust.isLost(after: error) { return .reopen }
                if Self.isFull(error) {
                    guard makeRoom(tools, pageLimit: &pageLimit) else { return .reopen }
                    if (try? commit(1, tools.committer)) != nil { continue }
                    fileRequestsAlone(tools, pageLimit: &pageLimit)
                }
                waitToRetry()
                continue
            }
            if pace.isDueWhenBusy(at: .now, isBehind: tools.keeper.isBehind), !parts.control.isUpkeepPaused,
                !keep(tools)
            {
                return .reopen
            }
        }
    }

    /// Does one thing that can wait, or sleeps.
    /// - Returns: false if the connection is no longer to be trusted.
    private func useIdleTime(_ tools: Tools) throws -> Bool {
        if tools.checkpointer.isDue(isIdle: true) { moveLog(tools) }
        if parts.control.wantsEmptyLog, .now >= emptyingAt {
            emptyingAt = .now + .seconds(1)
            checkpoint(tools) {
                if try tools.checkpointer.empty(tools.db) { parts.control.wantEmptyLog(false) }
            }
        }
        if pace.isDueWhenIdle(at: .now), !parts.control.isUpkeepPaused {
            return keep(tools) { !filled.isEmpty || !parts.jobs.isEmpty }
        }
        if isDiskFull || !reserve.isWhole { fillReserve() }
        tellSpace()
        parts.bell.wait(timeoutMs: pace.sleepMs(at: .now)) {
            !filled.isEmpty || !parts.jobs.isEmpty || parts.control.isStopping
        }
        return true
    }

    private func takeFilled() {
        while let number = filled.pop() { pending.append(number) }
    }

    /// Writes the oldest `count` pending batches in one transaction, then tells everyone.
    private func commit(_ count: Int, _ committer: BatchCommitter) throws {
        let start = ContinuousClock.now
        parts.control.update { $0.commitUnderWaySince = start }
        parts.metrics.waiting.record(pending.count)
        let startNs = MonotonicClock.nowNs()
        defer { parts.control.update { $0.commitUnderWaySince = nil } }
        try committer.commit(pending.prefix(count).map { parts.batches[Int($0)] })
        // Once for each batch, however often it was tried.
        for number in pending.prefix(count) where parts.batches[Int(number)].handedAtNs > 0 {
            parts.metrics.queueing.recordNanoseconds(startNs - parts.batches[Int(number)].handedAtNs)
        }
        committedBatches = committer.committed
        committed(count, from: start, to: .now)
        report(committer.refusals)
        var quarantineIDs = committer.quarantineIDs[...]
        for number in pending.prefix(count) { release(number, &quarantineIDs) }
        pending.removeFirst(count)
        filedAlone = max(0, filedAlone - count)
        pace.committed()
        parts.pipelineBell.ring()
    }

    private func release(_ number: UInt32, _ quarantineIDs: inout ArraySlice<Int64?>) {
        let batch = parts.batches[Int(number)]
        parts.metrics.count(batch)
        if batch.receivedAtNs > 0, batch.decisions.contains(where: { $0.event == .requestOpened }) {
            parts.metrics.requestLatency.recordNanoseconds(MonotonicClock.nowNs() - batch.receivedAtNs)
        }
        parts.onCommit(CommittedBatch(batch, quarantineIDs: quarantineIDs.prefix(batch.quarantined.count)))
        quarantineIDs = quarantineIDs.dropFirst(batch.quarantined.count)
        batch.reset()
        let isReturned = free.push(number)
        precondition(isReturned, "the ring of free batches holds fewer than there are batches")
    }

    // MARK: - Upkeep

    /// One step of background work.
    /// - Parameter isWanted: whether the thread is needed for something else meanwhile. In between commits it is in any case, and
    ///   the step has its turn.
    /// - Returns: false if the connection is no longer to be trusted.
    private func keep(_ tools: Tools, isWanted: () -> Bool = { false }) -> Bool {
        do {
            let found = try tools.keeper.step(isDiskFull: isDiskFull, isWanted: isWanted)
            pace.stepped(found: found, at: .now)
            keepingTrouble = nil
            return true
        } catch {
            pace.failed(at: .now)
            tools.committer.noteFailure(error)
            Doubt(of: parts.database.path).note(error, path: parts.database.path)
            parts.metrics.keepingFailures.increment()
            let reason = StorageError(error, path: parts.database.path, doing: "keeping history").description
            // It is tried again every few seconds; one line tells of it.
            if Self.isFull(error), shortage.isOn {
                tellFull(reason, shortage.comes(at: .now))
            } else if keepingTrouble != reason {
                parts.logger.warning("store.keeping_failed", metadata: ["reason": "\(reason)"])
            }
            keepingTrouble = reason
            return !(error is UnusableConnection)
        }
    }

    /// One step of the upkeep that is due before the end; behind the last, the write-ahead log is emptied.
    /// - Returns: whether there was anything to do.
    private func settle(_ tools: Tools) -> Bool {
        // Where a step fails, the next run goes on.
        guard (try? tools.keeper.step()) == true else {
            checkpoint(tools) { _ = try tools.checkpointer.empty(tools.db) }
            return false
        }
        if tools.checkpointer.isDue(isIdle: false) { moveLog(tools) }
        return true
    }

    private func moveLog(_ tools: Tools) { checkpoint(tools) { try tools.checkpointer.run(tools.db) } }

    private func checkpoint(_ tools: Tools, _ step: () throws -> Void) {
        do {
            try tools.committer.mendLog()
            try step()
        } catch {
            tools.committer.noteFailure(error)
            // Nothing is lost: all of it stays in the log. If it is the disk, the next commit will say so.
            let reason = StorageError(error, path: parts.database.path, doing: "a checkpoint").description
            if Self.isFull(error), shortage.isOn {
                tellFull(reason, shortage.comes(at: .now))
            } else {
                parts.logger.warning("store.checkpoint_failed", metadata: ["reason": "\(reason)"])
            }
        }
        parts.metrics.databaseBytes.record(fileBytes(parts.database.path))
        parts.metrics.walBytes.record(fileBytes(parts.database.path + "-wal"))
    }

    // MARK: - What people see of it

    private func committed(_ count: Int, from start: ContinuousClock.Instant, to end: ContinuousClock.Instant) {
        let duration = end - start
        parts.metrics.commitDuration.recordNanoseconds(duration.nanoseconds)
        parts.metrics.batchesPerCommit.record(count)
        parts.control.update { status in
            status.state = .writable
            status.stalledSince = nil
            status.lastCommitAt = end
            status.lastCommitDuration = duration
        }
        let ended = stall.end(at: end)
        if ended != nil { parts.metrics.show(.writable) }
        // While space is short one commit is no recovery.
        guard !shortage.isOn else { return tellSpace() }
        guard let ended else { return }
        parts.logger.notice("store.recovered", metadata: ["stalled": "\(ended)"])
    }

    private func failed(_ error: any Error) {
        let reason = StorageError(error, path: parts.database.path, doing: "committing").description
        let state = Self.state(after: error, path: parts.database.path)
        Doubt(of: parts.database.path).note(error, path: parts.database.path)
        let isNews = stall.begin(reason: reason, at: .now)
        parts.metrics.retries.increment()
        if isNews { parts.metrics.show(state) }
        let full = state == .full ? shortage.comes(at: .now) : nil
        if state == .full ? full == .begins : isNews {
            parts.logger.error(
                "store.stalled",
                metadata: [
                    "reason": "\(reason)", "state": "\(state.rawValue)",
                    "effect": "nothing is acknowledged; the broker holds the readings",
                ])
        }
        tellFull(reason, full)
        parts.control.update { [stall] status in
            status.state = state
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
                    "refused_in_commit": .stringConvertible(refusals.count),
                ])
        }
    }

    // MARK: - Waiting, opening, closing

    /// Sleeps for the present backoff, or until told to stop.
    private func waitToRetry() {
        let until = ContinuousClock.now + stall.nextDelay()
        while !parts.control.isStopping {
            parts.control.pulse.beat()
            refuseJobs(because: stall.reason ?? "the database is being opened anew")
            let left = (until - .now).nanoseconds / 1_000_000
            guard left > 0 else { return }
            parts.bell.wait(timeoutMs: Int32(clamping: left), spins: 0) {
                parts.control.isStopping || !parts.jobs.isEmpty
            }
        }
    }

    /// A new connection, on an empty log. Opening it may have cost some of the reserve.
    private func reopen() throws -> DatabaseQueue {
        defer { reserve = DiskReserve(database: parts.database.path, bytes: parts.configuration.reserveBytes) }
        return try parts.database.open()
    }

    private func close(_ queue: DatabaseQueue) {
        do {
            try queue.close()
        } catch {
            parts.logger.warning("store.close_failed", metadata: ["reason": "\(error)"])
        }
    }
}
