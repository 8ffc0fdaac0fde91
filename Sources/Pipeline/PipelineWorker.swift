public import Incidents
public import Metrics
public import Readings
public import SPSCRing
internal import Synchronization
public import Telemetry

/// The pipeline thread: drains every source's ring through the ``StreamProcessor`` and hands batches to the store.
///
/// ```
///  source 1 ─ring─▶ ┐
///  source 2 ─ring─▶ ├─▶ StreamProcessor ─▶ CommitBatch ─ring─▶ store thread
///  mailbox  ──────▶ ┘                         ▲
///                                             └──────ring────── written batches come back
/// ```
/// A batch is handed over as soon as the rings are empty, so that low load has low latency; under high load it grows to
/// ``batchLimit`` readings. All state belongs to the thread; other threads see counters and rings only.
public final class PipelineWorker: Sendable {
    /// The pipeline's end of a source's conduit.
    public typealias Source = Outlet<StreamElement, Admission>

    /// Most readings in one batch, which bounds a transaction: at 10,000 rows the store's cost a row has stopped falling.
    public static let batchLimit = 10_000
    /// Most quarantined messages in one batch: at their longest they take 16 MiB.
    static let quarantineLimit = 256
    /// From how many people's commands on a batch is full: each may hold some kilobytes.
    static let commandLimit = 256
    /// How long ``stop()`` waits for a store that does not take what is left. It is not acknowledged then, and comes again.
    static let stopPatience = Duration.seconds(8)
    /// How many elements are taken from one source before the next has its turn.
    static let turn = 1024

    private let work: Mutex<Work?>
    private let thread = Mutex<WorkerThread?>(nil)
    private let isStopping = Atomic<Bool>(false)
    private let doorbell: Doorbell
    /// To be rung by the store when a batch has come back: apart from ``doorbell``, because the thread need only wake for it
    /// when it has none.
    public let returnDoorbell = Doorbell()
    /// When the thread last went round.
    public let pulse = ThreadPulse()
    /// What enters the stream beside the sources.
    public let mailbox: CommandMailbox

    /// - Parameters:
    ///   - corrections: what recovery found to be stored before anything else.
    ///   - doorbell: the one that all sources' conduits were made with.
    ///   - storeDoorbell: wakes the store thread.
    public init(
        processor: StreamProcessor, corrections: CommitBatch? = nil, batches: [CommitBatch],
        free: consuming RingConsumer<UInt32>,
        filled: consuming RingProducer<UInt32>, doorbell: Doorbell, storeDoorbell: Doorbell,
        metrics: any MetricsFactory
    ) {
        mailbox = CommandMailbox(pipeline: doorbell)
        self.doorbell = doorbell
        let exchange = Work(
            processor: processor, corrections: corrections, batches: batches, free: free, filled: filled,
            store: storeDoorbell,
            counters: PipelineCounters(factory: metrics))
        work = Mutex(exchange)
    }

    /// Adds a source before ``start()``. Sources are numbered from 1 in the order of adding.
    public func add(_ source: consuming Source) {
        let port = SourcePort(source)
        work.withLock { $0?.sources.append(port) }
    }

    public func start() {
        guard let mine = work.withLock({ $0.take() }) else { return }
        let started = WorkerThread.start(name: "sluice-pipeline") { [self] in run(mine) }
        thread.withLock { $0 = started }
    }

    /// Processes what the sources have pushed so far, saves the state so that the next start has nothing to meet again,
    /// hands everything over, and ends the thread. Blocks until then, or until
    /// ``stopPatience`` is over because the store does not take it. The store thread must still be running.
    public func stop() {
        mailbox.close()
        isStopping.store(true, ordering: .releasing)
        doorbell.signal()
        returnDoorbell.signal()
        thread.withLock { $0 }?.join()
    }

    /// One turn of the thread, on the caller's: for a simulation that steps every part itself, instead of ``start()``.
    /// Returns whether anything moved.
    package func step() -> Bool {
        work.withLock { work in
            guard let work else { return false }
            let moved = work.round(mailbox)
            return work.handOver() || moved
        }
    }

    private func run(_ work: Work) {
        var deadline: ContinuousClock.Instant?
        // Whether the thread has waited since something moved last.
        var hasWaited = false
        defer { pulse.rest() }
        while true {
            pulse.beat()
            // Read before draining: what was pushed before the stop is drained after it was seen.
            let isLast = isStopping.load(ordering: .acquiring)
            let moved = work.round(mailbox)
            hasWaited = hasWaited && !moved
            let mayWait = !hasWaited && !isLast
            if work.handOver(mayWait: mayWait) { continue }
            if moved { continue }
            if isLast {
                let end = deadline ?? .now + Self.stopPatience
                deadline = end
                if ContinuousClock.now >= end { return }
                if work.isIdle {
                    if work.isSaved { return }
                    if work.saveLast() { continue }
                }
            }
            let timeoutMs: Int32 = isLast ? 100 : work.isExpecting && mayWait ? 1 : 1000
            if work.hasBatch {
                doorbell.wait(timeoutMs: timeoutMs) {
                    work.hasWork(mailbox) || isStopping.load(ordering: .acquiring) != isLast
                }
            } else {
                // Whatever comes, there is nothing to put it into.
                returnDoorbell.wait(timeoutMs: timeoutMs) {
                    work.hasBatch || isStopping.load(ordering: .acquiring) != isLast
                }
            }
            hasWaited = true
        }
    }
}
