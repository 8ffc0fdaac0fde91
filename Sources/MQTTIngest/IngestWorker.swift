public import Logging
public import MQTTSession
public import Metrics
public import Readings
public import SPSCRing
internal import Synchronization
public import Telemetry

/// One broker connection on a thread of its own: MQTT → readings → ring, and acknowledgements back after the commit.
///
/// ```
///   broker ──▶ BrokerSession ─(─▶ JournalFollower )─▶ MessageIntake ──▶ Inlet ──▶ pipeline ──▶ store
///      ▲                        the broker's journal    decode, name                            │
///      └────────── write() ◀── IngestBatch: nothing held ◀────────────────── CommitCursor ◀─────┘
/// ```
/// Into the inlet go readings, `.introduce` for a sensor that has no index yet (then it waits for the ``Admission``),
/// `.quarantine`, `.batchEnd` after each batch, and `.connection` at the start and at changes; with a journal, `.journal`
/// before a batch's end. A message is acknowledged when the batch that holds it has been committed.
public final class IngestWorker: Sendable {
    private let control: IngestControl
    private let board: StatusBoard
    private let thread: WorkerThread

    /// Starts the thread, which connects and reconnects until it is stopped. A broker that is down is no error.
    ///
    /// - Parameters:
    ///   - routes: what messages mean; their filters are subscribed together with the configuration's own.
    ///   - inlet: its byte ring must hold the largest quarantined message, 256 KiB.
    ///   - known: sensors that have an index already.
    ///   - edgeNodes: Sparkplug edge nodes that sensors are known to be behind.
    ///   - mountings: how level sensors are mounted.
    ///   - journalPositions: where the store says that the journals of earlier runs stand. With none for the journal
    ///     that is there, it is replayed from its beginning: what is stored already is known by its content.
    ///   - clock: stamps arrival.
    /// - Throws: `.configuration` for what ``IngestConfiguration/problems(at:)`` can't see.
    public static func start(
        _ configuration: IngestConfiguration, routes: RouteTable, inlet: consuming Inlet<StreamElement, Admission>,
        known: [(id: String, sensor: SensorIndex)] = [], edgeNodes: [EdgeNodeID] = [],
        mountings: Mountings = Mountings(),
        journalPositions: [JournalPosition] = [], clock: WallClock, metrics: any MetricsFactory, logger: Logger
    ) throws(SessionError) -> IngestWorker {
        let board = StatusBoard()
        let control = IngestControl(doorbell: inlet.cursor.doorbell)
        let loop = try IngestLoop(
            configuration, routes: routes, inlet: inlet, known: known, edgeNodes: edgeNodes, mountings: mountings,
            journalPositions: journalPositions, clock: clock, metrics: metrics, logger: logger, board: board,
            control: control)
        let handover = Handover(loop)
        let name = String(decoding: "mqtt-\(configuration.session.name)".utf8.prefix(15), as: UTF8.self)
        // A name cut inside a character would be longer than the bytes it was cut from.
        let thread = WorkerThread.start(name: name.utf8.count <= 15 ? name : "mqtt") { handover.take()?.run() }
        return IngestWorker(control: control, board: board, thread: thread)
    }

    private init(control: IngestControl, board: StatusBoard, thread: WorkerThread) {
        (self.control, self.board, self.thread) = (control, board, thread)
    }

    /// When the thread last went round. At rest while it connects, which the resolver and TCP may take minutes for.
    public var pulse: ThreadPulse { control.pulse }

    /// Reads by other routes, as soon as what has been received is stored; connected or not. Returns at once, and logs
    /// `mqtt.routes_changed` when it is done. Of several changes that wait the last one counts.
    public func change(routes: RouteTable, mountings: Mountings) {
        control.post(RouteChange(routes: routes, mountings: mountings))
    }

    /// How the connection is doing.
    public var status: ConnectionStatus { board.status }

    /// Asks the thread to end: it commits what it has read, acknowledges it, says goodbye to the broker and returns, all
    /// within ``IngestConfiguration/stopGrace``. What can't be committed by then is not acknowledged. Returns at once.
    ///
    /// The pipeline and the store must go on until ``finished()`` has returned.
    public func stop() { control.stop() }

    /// Waits until the thread has ended after ``stop()``.
    ///
    /// A thread that hangs in the resolver or in a TCP connection, which nothing can interrupt, holds no reading; it is
    /// left behind and ends when the system call does.
    public func finished() async {
        if control.mayBeLeft { return }
        await thread.finished()
    }

    /// ``finished()`` for synchronous callers.
    public func join() {
        if control.mayBeLeft { return }
        thread.join()
    }
}

/// Other routes, on their way to the thread.
struct RouteChange: Sendable {
    var routes: RouteTable
    var mountings: Mountings
}

/// What other threads tell the ingest thread, and the reverse.
final class IngestControl: Sendable {
    let pulse = ThreadPulse()
    private let change = Mutex<RouteChange?>(nil)
    /// So that the thread takes the lock only when there is something to take.
    private let hasNews = Atomic<Bool>(false)
    private let stopping = Atomic<Bool>(false)
    private let connecting = Atomic<Bool>(false)
    private let doorbell: Doorbell

    init(doorbell: Doorbell) { self.doorbell = doorbell }

    func stop() {
        stopping.store(true, ordering: .sequentiallyConsistent)
        doorbell.signal()
    }

    func post(_ routes: RouteChange) {
        change.withLock { $0 = routes }
        hasNews.store(true, ordering: .releasing)
        doorbell.signal()
    }

    var hasChange: Bool { hasNews.load(ordering: .acquiring) }

    func takeChange() -> RouteChange? {
        hasNews.store(false, ordering: .relaxed)
        return change.withLock { $0.take() }
    }

    var isStopping: Bool { stopping.load(ordering: .sequentiallyConsistent) }

    /// Whether the thread was told to stop while it was in a call that can't be interrupted.
    /// The flags are sequentially consistent: either the thread sees the stop and does not begin, or this sees that it has.
    var mayBeLeft: Bool { isStopping && connecting.load(ordering: .sequentiallyConsistent) }

    /// Runs `body`, which may block for minutes, unless stopping.
    func connecting(_ body: () -> Void) {
        connecting.store(true, ordering: .sequentiallyConsistent)
        pulse.rest()
        if !isStopping { body() }
        pulse.beat()
        connecting.store(false, ordering: .sequentiallyConsistent)
    }
}

/// Carries the loop to its thread.
///
/// `@unchecked Sendable`: the loop is made on one thread and, after the start of the other, which orders memory, touched
/// by that one only.
private final class Handover: @unchecked Sendable {
    private var loop: IngestLoop?

    init(_ loop: IngestLoop) { self.loop = loop }

    func take() -> IngestLoop? {
        defer { loop = nil }
        return loop
    }
}
