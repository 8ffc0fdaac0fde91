internal import GRDB
internal import Incidents
internal import IssueStorage
internal import Logging
internal import Metrics
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
    private var pending: [UInt32] = []
    private var isStalled = false
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
        connection = try Self.tools(first, cursors)
    }

    private static func tools(_ queue: DatabaseQueue, _ cursors: [CommitCursor]) throws -> Tools {
        var configuration = StoreConfiguration()
        // So that a short run sees the log cut.
        configuration.history.keepLog = .seconds(60)
        return try queue.writeWithoutTransaction { db in
            Tools(
                queue: queue, committer: try BatchCommitter(db, cursors: cursors),
                keeper: try HistoryKeeper(
                    db, configuration: configuration, metrics: NOOPMetricsHandler.instance,
                    logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }))
        }
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
            if connection == nil {
                connection = try Self.tools(try database.open(), cursors)
            }
            try commit(count)
            isStalled = false
            return "committed \(count)"
        } catch let violation as Violation {
            throw violation
        } catch {
            isStalled = true
            if Self.isConnectionLost(error) { close() }
            return "failed: \(Self.code(error))"
        }
    }

    private func commit(_ count: Int) throws {
        guard let connection else { return }
        let taken = pending.prefix(count).map { batches[Int($0)] }
        let last = taken.map(Self.lastSequence).max() ?? 0
        try connection.queue.writeWithoutTransaction { _ in try connection.committer.commit(taken) }
        committedSequence = max(committedSequence, last)
        for number in pending.prefix(count) {
            batches[Int(number)].reset()
            _ = free.push(number)
        }
        pending.removeFirst(count)
    }

    /// Moves the write-ahead log into the database file.
    func checkpoint() -> String {
        guard let connection else { return "no connection" }
        do {
            let result = try connection.queue.writeWithoutTransaction { db in try db.checkpoint(.passive) }
            return "\(result.checkpointedFrameCount) of \(result.walFrameCount)"
        } catch {
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
            if Self.isConnectionLost(error) { close() }
            return "failed: \(Self.code(error))"
        }
    }

    func close() {
        let queue = connection?.queue
        // Its statements go first.
        connection = nil
        try? queue?.close()
    }

    private static func lastSequence(_ batch: CommitBatch) -> Int64 {
        max(
            batch.readings.last?.sequence ?? 0, batch.events.last?.sequence ?? 0, batch.newSensors.last?.sequence ?? 0)
    }

    private static func code(_ error: any Error) -> String {
        (error as? DatabaseError).map { "SQLite code \($0.extendedResultCode.rawValue)" } ?? "\(error)"
    }

    /// After an I/O error SQLite's idea of the file may differ from the disk's.
    private static func isConnectionLost(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return false }
        return switch error.resultCode {
        case .SQLITE_FULL, .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_NOMEM, .SQLITE_INTERRUPT: false
        default: true
        }
    }
}
