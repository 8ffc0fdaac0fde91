internal import GRDB
public import Incidents
public import Logging
public import Metrics
public import SPSCRing
internal import Synchronization
public import Telemetry

/// The issue store's writer: a directory held by this process alone, one database, one thread that writes it.
///
/// ```
/// let store = try IssueStore(directory: …)      // lock, open, migrate
/// try store.recover { entry in … }              // replay the log
/// store.start(batches: …)                       // commit batches until stop()
/// await store.finished()                        // committed, closed, unlocked
/// ```
public final class IssueStore: Sendable {
    /// The data directory.
    public let directory: String

    let database: StoreDatabase
    private let configuration: StoreConfiguration
    private let lock: DirectoryLock
    let control = StoreControl()
    let jobs = JobQueue()
    private let metrics: StoreMetrics
    private let historyMetrics: HistoryMetrics
    private let logger: Logger
    private let phase: Mutex<Phase>
    private let damage: Mutex<DamageReport?>

    private enum Phase {
        case open(DatabaseQueue)
        case running(WorkerThread)
        case closed
    }

    /// Opens the store in `directory`, which is made if need be, and brings its tables up to date.
    ///
    /// Reads the whole database for damage if that takes no longer than a blink (up to 64 MiB). A damaged one is moved
    /// aside, and a new one begun: see ``recoveredFromDamage``.
    /// - Throws: ``StorageError``, which names the file and says what to do.
    public init(
        directory: String, configuration: StoreConfiguration, metrics: any MetricsFactory, logger: Logger
    ) throws(StorageError) {
        self.directory = directory
        self.configuration = configuration
        lock = try DirectoryLock(directory: directory)
        database = StoreDatabase(directory: directory, durability: configuration.durability)
        let (queue, report) = try database.openSound(logger)
        phase = Mutex(.open(queue))
        damage = Mutex(report)
        self.metrics = StoreMetrics(metrics)
        historyMetrics = HistoryMetrics(metrics)
        self.logger = logger
        control.limit(toBytes: configuration.maximumBytes)
    }

    /// When the store thread last went round; it may be in one call of the disk for minutes.
    public var pulse: ThreadPulse { control.pulse }

    /// How the store does now. Cheap: a lock and two `stat` calls.
    public var status: StoreStatus {
        var status = control.read()
        status.databaseBytes = fileBytes(database.path)
        status.walBytes = fileBytes(database.path + "-wal")
        return status
    }

    /// What was wrong with the database that this start found, and where it lies now; nil if it was sound, or there was none.
    public var recoveredFromDamage: DamageReport? { damage.withLock { $0 } }

    /// Starts the store thread, once.
    ///
    /// It offers all of `batches` as free, takes the numbers of filled ones, commits them in the order of filling
    /// (all that wait in one transaction), and only then advances the cursors, calls `onCommit` and offers them again.
    ///
    /// - Parameters:
    ///   - batches: the batches that go round; their indexes are the numbers in the rings.
    ///   - filled: numbers from the pipeline.
    ///   - free: numbers to the pipeline; a ring of at least `batches.count`.
    ///   - storeDoorbell: rung by the pipeline after it has pushed a number.
    ///   - pipelineDoorbell: rung here after numbers have become free; the pipeline's own bell for that.
    ///   - cursors: by source number, as acknowledgements name them.
    ///   - onCommit: called on the store thread after each batch's commit, in order; it must not block.
    public func start(
        batches: [CommitBatch], filled: consuming RingConsumer<UInt32>, free: consuming RingProducer<UInt32>,
        storeDoorbell: Doorbell, pipelineDoorbell: Doorbell, cursors: [CommitCursor],
        onCommit: @escaping @Sendable (CommittedBatch) -> Void
    ) {
        for number in batches.indices {
            let isOffered = free.push(UInt32(number))
            precondition(isOffered, "the ring of free batches holds fewer than \(batches.count)")
        }
        pipelineDoorbell.ring()
        control.attach(storeDoorbell)
        jobs.open()
        let parts = StoreWorker.Parts(
            database: database, batches: batches, bell: storeDoorbell, pipelineBell: pipelineDoorbell,
            cursors: cursors, control: control, jobs: jobs, configuration: configuration, metrics: metrics,
            historyMetrics: historyMetrics, logger: logger, onCommit: onCommit)
        let ends = Handoff(RingEnds(filled: filled, free: free))
        phase.withLock { phase in
            guard case .open(let queue) = phase else { preconditionFailure("a store is started once") }
            phase = .running(
                WorkerThread.start(name: "sluice-store") { [lock] in
                    if let ends = ends.take() {
                        StoreWorker(parts, filled: ends.filled, free: ends.free).run(queue)
                    }
                    lock.release()
                })
        }
    }

    /// Asks the store thread to commit what is filled and then to end. Returns at once; see ``finished()``.
    ///
    /// Whoever fills batches must have ended before. If commits fail at that moment, what is pending stays
    /// unacknowledged and comes again. A store that was never started is closed.
    ///
    /// - Parameter settled: whether the upkeep that is due is done first, which a daemon leaves to its next run: readings folded
    ///   into history, measures and evidence. Some microseconds a reading.
    public func stop(settled: Bool = false) {
        control.stop(settled: settled)
        phase.withLock { phase in
            guard case .open(let queue) = phase else { return }
            jobs.close()
            try? queue.close()
            lock.release()
            phase = .closed
        }
    }

    /// Suspends until the store thread has closed the database and let go of the directory. Blocks no thread.
    public func finished() async { await worker?.finished() }

    /// As ``finished()``, for synchronous callers: blocks.
    public func join() { worker?.join() }

    /// Bounds the database file; 0 lifts the bound. Beyond it commits fail as on a full disk: nothing more is
    /// acknowledged, the broker holds the readings, and raising the bound is enough to go on.
    public func limit(toBytes bytes: Int) { control.limit(toBytes: bytes) }

    /// Leaves the history as it is, or goes on with it: for measurements of what it costs those who wait for a commit.
    package func pauseUpkeep(_ isPaused: Bool) { control.pauseUpkeep(isPaused) }

    /// What SQLite answers to `PRAGMA name` on the writer's connection, before the store is started. For tests.
    package func setting(_ name: String) throws -> Int? {
        try beforeStart { db in try Int.fetchOne(db, sql: "PRAGMA \(name)") }
    }

    private var worker: WorkerThread? {
        phase.withLock { if case .running(let thread) = $0 { thread } else { nil } }
    }

    /// Runs `body` on the connection before the store is started.
    func beforeStart<Value>(_ body: (Database) throws -> Value) throws -> Value { try openQueue.read(body) }

    /// The same, in a transaction that may write.
    func writeBeforeStart<Value>(_ body: (Database) throws -> Value) throws -> Value { try openQueue.write(body) }

    private var openQueue: DatabaseQueue {
        phase.withLock { phase in
            guard case .open(let queue) = phase else {
                preconditionFailure("a store that was started is read through IssueReader, and written by jobs")
            }
            return queue
        }
    }

    /// Asks a second connection about damage, and goes on with that one, or with a new database in the damaged one's
    /// place. Before the store is started.
    ///
    /// - Parameter read: what was being read.
    /// - Returns: whether the damage was there again, and the database replaced.
    func replaceDamaged(_ error: any Error, reading read: (Database) throws -> Void) throws(StorageError) -> Bool {
        let old: DatabaseQueue? = phase.withLock { if case .open(let queue) = $0 { queue } else { nil } }
        guard let old else { return false }
        let (queue, report) = try database.confirm(error, of: old, logger, by: read)
        phase.withLock { $0 = .open(queue) }
        guard let report else { return false }
        damage.withLock { $0 = report }
        return true
    }
}

/// The ends of the rings, on their way to the store thread.
private struct RingEnds: ~Copyable, Sendable {
    var filled: RingConsumer<UInt32>
    var free: RingProducer<UInt32>
}
