internal import MQTTIngest
internal import MQTTSession
internal import Readings
internal import SPSCRing

/// A connection's thread as steps: the real batch rules and the real intake, between a simulated broker and a real ring.
///
/// What the thread does around them (`IngestLoop`) is repeated here against a broker that is a value: settle, write,
/// read, close. Like libmosquitto, it queues an acknowledgement at each read, sends all that are queued at a write, and
/// forgets them with the connection.
struct SimulatedConnection {
    private var batch: IngestBatch
    private let intake: MessageIntake
    private var isUp = false
    private var isHungUp = false
    /// Whether the stream has been told that the connection is up; nil before anything was told.
    private var announced: Bool?
    private var hasCaughtUp = false
    /// Messages whose acknowledgements are queued.
    private var unacknowledged: [Int] = []

    init(
        window: Int, inlet: consuming Inlet<StreamElement, Admission>, known: [(id: String, sensor: SensorIndex)]
    ) {
        batch = IngestBatch(limit: window, longestNs: 10_000_000, after: inlet.cursor.sequence)
        intake = MessageIntake(routes: RouteTable([.standard]), inlet: inlet, known: known)
    }

    /// One turn of the thread.
    ///
    /// - Parameters:
    ///   - mostReads: messages that the socket gives before it has to be asked again.
    ///   - notices: whether a hang-up is seen before the socket has been read to its end.
    ///   - acknowledging: called with the messages whose acknowledgements leave, before they do.
    mutating func turn(
        _ broker: inout SimulatedBroker, mostReads: Int, notices: Bool,
        acknowledging: ([Int]) throws(Violation) -> Void
    ) throws(Violation) {
        settle()
        if isUp {
            if notices, !broker.isConnected { isHungUp = true }
            if mayWrite { try write(&broker, acknowledging) }
            read(&broker, mostReads)
            close(isDrained: !intake.hasParked)
        } else if mayWrite, announced == false {
            broker.connect()
            (isUp, isHungUp, hasCaughtUp) = (true, false, false)
        }
    }

    /// The broker has delivered what it had kept.
    mutating func catchUp(_ broker: SimulatedBroker) {
        if isUp, mayWrite, unacknowledged.isEmpty, broker.toDaemon.isEmpty { hasCaughtUp = true }
    }

    /// Whether nothing is under way between it and the store.
    var isIdle: Bool { isUp && mayWrite && unacknowledged.isEmpty && announced == hasCaughtUp }

    private var nowNs: Int64 { Disk.nowMs * 1_000_000 }
    private var mayWrite: Bool { !batch.isOwing && !intake.hasParked }
    private var mayRead: Bool { !intake.hasParked && batch.mayRead(isHungUp: isHungUp) }

    private mutating func settle() {
        _ = batch.commit(upTo: intake.committed, atNs: nowNs)
        intake.retry()
        intake.flush()
        noteStaged()
        close(isDrained: false)
        let isReady = isUp && hasCaughtUp
        if announced != isReady, intake.push(.connection(isUp: isReady, atMs: Disk.nowMs)) { announced = isReady }
    }

    private mutating func noteStaged() {
        let (count, isOwed) = intake.takeStaged()
        batch.stage(count, isOwed: isOwed, atNs: nowNs)
    }

    private mutating func close(isDrained: Bool) {
        guard batch.isDue(isDrained: isDrained, atNs: nowNs), intake.pushEnd(of: batch.next) else { return }
        batch.close(atNs: nowNs)
    }

    private mutating func write(
        _ broker: inout SimulatedBroker, _ acknowledging: ([Int]) throws(Violation) -> Void
    ) throws(Violation) {
        guard !unacknowledged.isEmpty else { return }
        // A look first: a failing write closes the socket, unread messages and all.
        if !broker.isConnected { isHungUp = true }
        guard !isHungUp else { return }
        try acknowledging(unacknowledged)
        for number in unacknowledged { broker.acknowledge(number) }
        unacknowledged = []
    }

    private mutating func read(_ broker: inout SimulatedBroker, _ most: Int) {
        intake.arrivedAtMs = Disk.nowMs
        var reads = 0
        while isUp, mayRead, reads < most {
            guard let delivery = broker.receive() else {
                if !broker.isConnected { end() }
                break
            }
            let (topic, payload) = (Array(delivery.message.topic.utf8), Array(delivery.message.payload.utf8))
            intake.receive(topic: topic.span, payload: payload.span, delivery: Delivery())
            unacknowledged.append(delivery.number)
            noteStaged()
            reads += 1
        }
        intake.flush()
    }

    private mutating func end() {
        isUp = false
        unacknowledged = []
    }
}
