internal import Logging
internal import MQTTSession
internal import Metrics
internal import Readings
internal import SPSCRing

/// The network thread: turns of "settle, write, read, sleep".
///
/// What may happen when is decided by ``IngestBatch``; here it is done.
final class IngestLoop {
    private let session: BrokerSession
    private let intake: MessageIntake
    private let control: IngestControl
    private let clock: WallClock
    private let metrics: IngestMetrics
    private let logger: Logger
    private let doorbell: Doorbell
    private let quietMs, longestMs, graceMs: Int64
    private var batch: IngestBatch
    /// Whether the stream has been told that the connection is up; nil before anything was told.
    private var announced: Bool?
    /// Whether the broker has delivered what it had kept for us, since this session began.
    private var hasCaughtUp = false
    private var lastArrivalMs: Int64 = 0
    private var attempts = 0

    init(
        _ configuration: IngestConfiguration, routes: RouteTable, inlet: consuming Inlet<StreamElement, Admission>,
        known: [(id: String, sensor: SensorIndex)], clock: WallClock, metrics: any MetricsFactory, logger: Logger,
        board: StatusBoard, control: IngestControl
    ) throws(SessionError) {
        var settings = configuration.session
        settings.topicFilters = TopicFilter.reduced(settings.topicFilters + routes.filters)
        batch = IngestBatch(
            limit: settings.receiveMaximum, longestNs: configuration.longestBatch.milliseconds * 1_000_000,
            after: inlet.cursor.sequence)
        intake = MessageIntake(routes: routes, inlet: inlet, known: known)
        session = try BrokerSession(settings, receiver: intake, board: board, wallMs: clock.nowMs, logger: logger)
        doorbell = intake.doorbell
        quietMs = configuration.backlogQuiet.milliseconds
        longestMs = configuration.backlogLongest.milliseconds
        graceMs = configuration.stopGrace.milliseconds
        self.clock = clock
        self.metrics = IngestMetrics(broker: settings.name, factory: metrics)
        self.control = control
        var logger = logger
        logger[metadataKey: "broker"] = "\(settings.name)"
        self.logger = logger
    }

    func run() {
        while !control.isStopping { turn() }
        finish()
    }

    private func turn() {
        settle()
        if session.state == .down {
            connectIfDue()
        } else {
            session.service()
            if mayWrite { session.write() }
            readRound()
            closeIfDue(isDrained: !intake.hasParked)
        }
        sleep(untilMs: nil)
    }

    /// Nothing of this session is held, so its acknowledgements may leave.
    private var mayWrite: Bool { !batch.isHolding && !intake.hasParked }

    // MARK: - Settling

    /// Takes up what the other threads have done since the last turn.
    private func settle() {
        if let nanoseconds = batch.commit(upTo: intake.committed, atNs: Monotonic.nowNs()) {
            metrics.batchCommitted(afterNs: nanoseconds)
        }
        intake.retry()
        noteStaged()
        closeIfDue(isDrained: false)
        announce(isUp: session.state == .up && hasCaughtUp)
    }

    private func noteStaged() {
        let count = intake.takeStaged()
        if count > 0 { batch.stage(count, atNs: Monotonic.nowNs()) }
    }

    private func closeIfDue(isDrained: Bool) {
        if batch.isDue(isDrained: isDrained, atNs: Monotonic.nowNs()) { close() }
    }

    /// Ends the open batch, if the ring has room for that.
    private func close() {
        guard intake.pushEnd(of: batch.next) else { return }
        batch.close(atNs: Monotonic.nowNs())
        metrics.batchClosed(ringFill: intake.ringFill)
        metrics.add(&intake.tally)
    }

    /// Tells the stream that the connection came up or went down, behind all that was received.
    private func announce(isUp: Bool) {
        guard announced != isUp, intake.push(.connection(isUp: isUp, atMs: clock.nowMs())) else { return }
        announced = isUp
        if isUp { logger.info("mqtt.caught_up") }
    }

    // MARK: - Connecting

    /// A session begins with nothing held: what it writes can acknowledge nothing of an earlier one.
    private func connectIfDue() {
        guard mayWrite, announced == false, Monotonic.nowMs() >= session.nextAttemptMs else { return }
        hasCaughtUp = false
        attempts += 1
        if attempts > 1 { metrics.reconnected() }
        control.connecting { session.connect() }
        lastArrivalMs = Monotonic.nowMs()
    }

    // MARK: - Reading

    /// Reads until nothing is left, the batch is full or old, or a message has to wait.
    private func readRound() {
        guard session.state != .down, mayRead else { return }
        intake.arrivedAtMs = clock.nowMs()
        var reads = 0
        while mayRead, session.read() {
            noteStaged()
            reads += 1
            // Now and then: let the pipeline begin, and look at the time.
            guard reads & 63 == 0 else { continue }
            intake.flush()
            if batch.isDue(isDrained: false, atNs: Monotonic.nowNs()) { break }
        }
        noteStaged()
        intake.flush()
        if reads > 0 { lastArrivalMs = Monotonic.nowMs() }
    }

    private var mayRead: Bool { !intake.hasParked && batch.mayRead(isHungUp: session.isHungUp) }

    // MARK: - Sleeping

    /// Sleeps until there is something to do.
    private func sleep(untilMs deadline: Int64?) {
        if intake.awaitsAdmission {
            // The pipeline answers within microseconds if it is awake: spin before sleeping.
            return doorbell.wait(timeoutMs: 1, spins: 5000) {
                intake.retry()
                return !intake.awaitsAdmission
            }
        }
        let now = Monotonic.nowMs()
        var timeoutMs: Int64 = 1000
        if intake.hasParked { timeoutMs = 1 }  // nobody rings when the ring has room again
        if session.state == .down { timeoutMs = min(timeoutMs, max(1, session.nextAttemptMs - now)) }
        if session.state == .up, !hasCaughtUp { timeoutMs = min(timeoutMs, quietLeftMs(now)) }
        if let deadline { timeoutMs = min(timeoutMs, max(0, deadline - now)) }
        doorbell.arm()
        defer { doorbell.disarm() }
        if batch.isOutstanding && intake.committed >= batch.sequence { return }
        if control.isStopping && deadline == nil { return }
        let readiness = session.wait(
            reading: mayRead && deadline == nil, writing: mayWrite, wake: doorbell.fileDescriptor,
            timeoutMs: Int(timeoutMs))
        noteQuiet(readiness)
    }

    private func quietLeftMs(_ now: Int64) -> Int64 { max(1, min(quietMs, lastArrivalMs + quietMs - now)) }

    /// Watches for the end of the backlog: a pause while everything is acknowledged, so that the broker owes us.
    private func noteQuiet(_ readiness: BrokerSession.Readiness) {
        guard !hasCaughtUp, session.state == .up else { return }
        let now = Monotonic.nowMs()
        let isQuiet = !readiness.isReadable && mayWrite && !session.wantsWrite && now - lastArrivalMs >= quietMs
        if isQuiet || now - session.upSinceMs >= longestMs { hasCaughtUp = true }
    }

    // MARK: - The end

    /// Commits what has been read, acknowledges it and says goodbye; or, when that takes too long, just goes.
    private func finish() {
        let deadline = Monotonic.nowMs() + graceMs
        var isLastClosed = false
        while Monotonic.nowMs() < deadline {
            settleLast(&isLastClosed)
            if isLastClosed && !batch.isHolding { break }
            if session.state != .down { session.service() }
            sleep(untilMs: deadline)
        }
        metrics.add(&intake.tally)
        guard mayWrite, isLastClosed else {
            // Acknowledgements leave all together or not at all: the broker delivers these messages again.
            logger.warning("mqtt.stopped_unacknowledged", metadata: ["waited_ms": "\(graceMs)"])
            return session.abandon()
        }
        session.write()
        session.disconnect()
    }

    /// Pushes the rest: what is parked, the connection's end, and with them the last batch's end.
    private func settleLast(_ isLastClosed: inout Bool) {
        if let nanoseconds = batch.commit(upTo: intake.committed, atNs: Monotonic.nowNs()) {
            metrics.batchCommitted(afterNs: nanoseconds)
        }
        intake.retry()
        noteStaged()
        guard !isLastClosed, !intake.hasParked, !batch.isOutstanding else { return }
        let wasUp = announced == true
        if wasUp { announce(isUp: false) }
        guard announced != true else { return }
        if batch.messages == 0 && !wasUp {
            isLastClosed = true  // nothing to commit
        } else {
            let sequence = batch.sequence
            close()
            isLastClosed = batch.sequence != sequence
        }
    }
}
