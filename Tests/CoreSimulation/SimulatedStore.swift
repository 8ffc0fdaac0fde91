internal import GRDB
internal import Incidents
internal import IssueStorage
internal import Logging
internal import Metrics
internal import Open311
internal import Readings
internal import SPSCRing

/// The store's thread as steps: the real committer on a real connection, between the real rings.
///
/// What the thread does around it (`StoreWorker`) is repeated here without its waiting: take what is filled, commit all of
/// it or, after a failure, one batch at a time; after an I/O error only through a new connection.
final class SimulatedStore {
    private let database: StoreDatabase
    private let batches: [CommitBatch]
    private let cursors: [CommitCursor]
    private var filled: RingConsumer<UInt32>
    private var free: RingProducer<UInt32>
    /// What belongs to one connection.
    private struct Tools {
        var queue: DatabaseQueue
        var committer: BatchCommitter
        var keeper: HistoryKeeper
    }

    private var connection: Tools?
    private var trust = ConnectionTrust()
    private var committedBatches: Int64?
    private var pending: [UInt32] = []
    private var isStalled = false
    /// What one transaction told people.
    struct Commit {
        var answers: [CommandAnswer]
        var requests: [ServiceRequest]
        var updates: [RequestUpdate]
    }

    /// Commits that nobody has heard of yet.
    private var commits: [Commit] = []
    /// The highest sequence that a transaction held which was reported as committed.
    private(set) var committedSequence: Int64 = 0

    init(
        _ database: StoreDatabase, first: DatabaseQueue, batches: [CommitBatch], cursors: [CommitCursor],
        filled: consuming RingConsumer<UInt32>, free: consuming RingProducer<UInt32>
    ) throws {
        self.database = database
        self.batches = batches
        self.cursors = cursors
        self.filled = filled
        self.free = free
        for number in batches.indices { _ = self.free.push(UInt32(number)) }
        try take(first)
    }

    private func take(_ queue: DatabaseQueue) throws {
        var configuration = StoreConfiguration()
        // So that a short run sees the log cut.
        configuration.history.keepLog = .seconds(60)
        connection = try queue.writeWithoutTransaction { db in
            Tools(
                queue: queue,
                committer: try BatchCommitter(
                    db, cursors: cursors, behind: committedBatches, waiting: pending.count),
                keeper: try HistoryKeeper(
                    db, configuration: configuration, metrics: NOOPMetricsHandler.instance,
                    logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }))
        }
        trust = ConnectionTrust()
        committedBatches = connection?.committer.committed
    }

    var isIdle: Bool {
        filled.isEmpty && pending.isEmpty
    }

    /// One turn of the thread. Returns what came of it, or nil when there was nothing to do.
    ///
    /// - Throws: ``Violation`` when a row is refused.
    func step() throws -> String? {
        while let number = filled.pop() { pending.append(number) }
        guard !pending.isEmpty else { return nil }
        let count = isStalled ? 1 : pending.count
        do {
            if connection == nil { try take(try database.open()) }
            try commit(count)
            isStalled = false
            trust.succeeded()
            return "committed \(count)"
        } catch let violation as Violation {
            throw violation
        } catch {
            isStalled = true
            if trust.isLost(after: error) { close() }
            return "failed: \(Self.code(error))"
        }
    }

    private func commit(_ count: Int) throws {
        guard let connection else { return }
        let taken = pending.prefix(count).map { batches[Int($0)] }
        let last = taken.map(Self.lastSequence).max() ?? 0
        try connection.queue.writeWithoutTransaction { _ in try connection.committer.commit(taken) }
        let refused = connection.committer.refusedRows
        try promise(refused.isEmpty, "refused: \(refused.prefix(3))")
        committedBatches = connection.committer.committed
        committedSequence = max(committedSequence, last)
        for batch in taken {
            commits.append(Commit(answers: batch.answers, requests: batch.requests, updates: batch.updates))
        }
        for number in pending.prefix(count) {
            batches[Int(number)].reset()
            _ = free.push(number)
        }
        pending.removeFirst(count)
    }

    /// What has been committed since it was last asked.
    func takeCommits() -> [Commit] {
        defer { commits = [] }
        return commits
    }

    /// Moves the write-ahead log into the database file.
    func checkpoint() -> String {
        guard let connection else { return "no connection" }
        do {
            let result = try connection.queue.writeWithoutTransaction { db in
                try connection.committer.mendLog()
                return try db.checkpoint(.passive)
            }
            return "\(result.checkpointedFrameCount) of \(result.walFrameCount)"
        } catch {
            connection.committer.noteFailure(error)
            return "failed: \(Self.code(error))"
        }
    }

    /// One step of the work on the history. Returns nil when there was nothing to do.
    ///
    /// - Parameter mirror: is shown the log before anything is taken off it.
    func keep(_ mirror: inout StreamMirror) throws -> String? {
        guard let connection else { return nil }
        do {
            return try connection.queue.writeWithoutTransaction { db in
                try mirror.update(db)
                return try connection.keeper.step() ? "moved" : nil
            }
        } catch let violation as Violation {
            throw violation
        } catch {
            connection.committer.noteFailure(error)
            if error is UnusableConnection { close() }
            return "failed: \(Self.code(error))"
        }
    }

    func close() {
        let queue = connection?.queue
        // Closing the last connection is a checkpoint.
        try? queue?.writeWithoutTransaction { _ in try connection?.committer.mendLog() }
        // Its statements go first.
        connection = nil
        try? queue?.close()
    }

    private static func lastSequence(_ batch: CommitBatch) -> Int64 {
        max(
            batch.readings.last?.sequence ?? 0, batch.events.last?.sequence ?? 0, batch.newSensors.last?.sequence ?? 0,
            batch.commands.last?.sequence ?? 0)
    }

    private static func code(_ error: any Error) -> String {
        (error as? DatabaseError).map { "SQLite code \($0.extendedResultCode.rawValue)" } ?? "\(error)"
    }
}
