internal import Logging
internal import MQTTSession
internal import Metrics
internal import Readings
internal import SPSCRing
internal import Telemetry
internal import TimeBase

/// The network thread: turns of "settle, write, read, sleep".
///
/// What may happen when is decided by ``IngestBatch``; here it is done.
final class IngestLoop {
    private let session: BrokerSession
    private let intake: MessageIntake
    /// Present when the broker keeps a journal.
    private let journal: JournalFollower?
    /// Present on a connection that acts as a Sparkplug host application.
    private let sparkplug: SparkplugSession?
    private let control: IngestControl
    private let clock: WallClock
    private let metrics: IngestMetrics
    private let journalMetrics: JournalMetrics?
    private let board: StatusBoard
    private let logger: Logger
    private let doorbell: Doorbell
    private let quietMs, longestMs, graceMs: Int64
    /// What is subscribed whatever the routes say.
    private let ownFilters, optionalFilters: [String]
    /// Under which name we are the host of Sparkplug's edge nodes; nil on any other connection.
    private let sparkplugHost: String?
    private var batch: IngestBatch
    /// Whether the stream has been told that the connection is up; nil before anything was told.
    private var announced: Bool?
    /// What the board was told about the journal.
    private var postedProblem: String?
    /// Whether the broker has delivered what it had kept for us, since this session began.
    private var hasCaughtUp = false
    private var lastArrivalMs: Int64 = 0
    /// Whether the socket had nothing more when it was read last.
    private var isDrained = false
    private var attempts = 0
    private let canaryTopic: String
    /// Publishes that had been refused when it was last looked.
    private var refusedPublishes = 0
    /// What the broker had dropped when it last said so.
    private var brokerDropped: Int64?

    init(
        _ configuration: IngestConfiguration, routes: RouteTable, inlet: consuming Inlet<StreamElement, Admission>,
        known: [(id: String, sensor: SensorIndex)], edgeNodes: [EdgeNodeID], mountings: Mountings,
        journalPositions: [JournalPosition],
        clock: WallClock, metrics: any MetricsFactory, logger: Logger, board: StatusBoard, control: IngestControl
    ) throws(SessionError) {
        var settings = configuration.session
        ownFilters = settings.topicFilters
        sparkplugHost = configuration.sparkplug?.host
        canaryTopic = configuration.canaryTopic
        settings.topicFilters = Self.filters(own: ownFilters, routes, sparkplugHost: sparkplugHost)
        settings.isClean = settings.isClean || sparkplugHost != nil
        if sparkplugHost == nil { settings.optionalFilters = configuration.optionalFilters }
        optionalFilters = settings.optionalFilters
        batch = IngestBatch(
            limit: settings.receiveMaximum, longestNs: configuration.longestBatch.milliseconds * 1_000_000,
            gatherNs: configuration.gather.milliseconds * 1_000_000, after: inlet.cursor.sequence)
        var logger = logger
        logger[metadataKey: "broker"] = "\(settings.name)"
        self.logger = logger
        let intake = MessageIntake(routes: routes, inlet: inlet, known: known, mountings: mountings)
        // A Sparkplug host's connection hears edge nodes only.
        let canaryInterval = configuration.sparkplug == nil ? configuration.canaryInterval : nil
        intake.canary = canaryInterval.map { interval in
            Canary(
                topic: configuration.canaryTopic, intervalMs: interval.milliseconds, mark: .random(in: 1 ... .max))
        }
        let journal = configuration.journal.map { directory in
            JournalFollower(
                directory: directory, consumer: settings.clientID,
                filters: settings.topicFilters + settings.optionalFilters,
                stored: journalPositions, intake: intake, logger: logger)
        }
        let sparkplug = configuration.sparkplug.map {
            SparkplugSession($0, intake: intake, known: edgeNodes, logger: logger)
        }
        var receiver: any MessageReceiver = intake
        if let journal { receiver = journal }
        if let sparkplug { receiver = sparkplug }
        session = try BrokerSession(settings, receiver: receiver, board: board, wallMs: clock.nowMs, logger: logger)
        (self.intake, self.journal, self.sparkplug, self.board) = (intake, journal, sparkplug, board)
        doorbell = intake.doorbell
        quietMs = configuration.backlogQuiet.milliseconds
        longestMs = configuration.backlogLongest.milliseconds
        graceMs = configuration.stopGrace.milliseconds
        self.clock = clock
        self.metrics = IngestMetrics(broker: settings.name, factory: metrics)
        journalMetrics = journal.map { _ in JournalMetrics(broker: settings.name, factory: metrics) }
        self.control = control
    }

    func run() {
        while !control.isStopping { turn() }
        finish()
        control.pulse.rest()
    }

    private func turn() {
        control.pulse.beat()
        settle()
        takeChange()
        watchJournal()
        replayRound()
        if session.state == .down {
            connectIfDue()
        } else {
            session.service()
            sparkplug?.turn(session, wallMs: clock.nowMs(), monotonicMs: MonotonicClock.nowMs())
            if mayWrite {
                sendCanary()
                session.write()
            }
            readRound()
            closeIfDue(isDrained: !intake.hasParked)
        }
        board.holding(sinceMs: batch.holdingSinceNs.map { $0 / 1_000_000 })
        watchBroker()
        sleep(untilMs: nil)
    }

    // MARK: - Looking at the broker

    /// Sends our own message through the broker, while the connection works.
    private func sendCanary() {
        guard intake.canary != nil else { return }
        let now = MonotonicClock.nowNs()
        intake.canary?.connection(isUp: session.state == .up && hasCaughtUp, atNs: now)
        guard let payload = intake.canary?.take(atNs: now) else { return }
        // What does not leave does not come back, and that is told.
        try? session.publish(topic: canaryTopic, payload: payload.span, qos: 1, retain: false)
    }

    private func watchBroker() {
        board.awaitCanary(untilMs: intake.canary?.deadlineNs.map { $0 / 1_000_000 })
        if session.refusedPublishes > refusedPublishes { board.canaryRefused() }
        refusedPublishes = session.refusedPublishes
        guard let dropped = intake.brokerDropped, dropped.total != brokerDropped else { return }
        metrics.brokerHasDropped(dropped.total)
        // Told only as it changes: the first number is news, unless it is the retained one, which is of before our time.
        // A smaller one is another run's of the broker.
        if dropped.total > brokerDropped ?? (dropped.isRetained ? .max : 0) {
            var metadata: Logger.Metadata = ["total": .stringConvertible(dropped.total)]
            if let before = brokerDropped { metadata["messages"] = .stringConvertible(dropped.total - before) }
            logger.warning("mqtt.broker_dropped", metadata: metadata)
        }
        brokerDropped = dropped.total
    }

    /// Nothing of this session is held that is acknowledged, so what the library has queued may leave.
    private var mayWrite: Bool { !batch.isOwing && !intake.hasParked && journal?.isBusy != true }

    // MARK: - Settling

    /// Takes up what the other threads have done since the last turn.
    private func settle() {
        takeCommit()
        intake.retry()
        noteStaged()
        closeIfDue(isDrained: false)
        announce(isUp: session.state == .up && hasCaughtUp)
    }

    private static func filters(own: [String], _ routes: RouteTable, sparkplugHost: String?) -> [String] {
        guard let host = sparkplugHost else { return TopicFilter.reduced(own + routes.filters) }
        return TopicFilter.reduced(own + routes.sparkplugFilters + [SparkplugCommand.stateTopic(host: host)])
    }

    /// Reads by other routes from here on. What was received by then has been read by the earlier ones.
    private func takeChange() {
        guard control.hasChange, mayWrite, session.state == .up || session.state == .down else { return }
        guard let change = control.takeChange() else { return }
        let filters = Self.filters(own: ownFilters, change.routes, sparkplugHost: sparkplugHost)
        intake.change(routes: change.routes, mountings: change.mountings)
        journal?.change(filters: filters + optionalFilters)
        session.subscribe(to: filters)
        logger.info("mqtt.routes_changed", metadata: ["filters": "\(filters.joined(separator: " "))"])
    }

    private func takeCommit() {
        let now = MonotonicClock.nowNs()
        let oldest = batch.holdingSinceNs
        guard let nanoseconds = batch.commit(upTo: intake.committed, atNs: now) else { return }
        metrics.batchCommitted(afterNs: nanoseconds)
        if let since = oldest { metrics.oldestCommitted(afterNs: now - since) }
        holdChanged()
        if let took = intake.canary?.batchCommitted(atNs: now) {
            metrics.canaryReturned(afterNs: took)
            board.canaryReturned(afterMs: took / 1_000_000)
        }
        journal?.committed(atMs: now / 1_000_000)
    }

    /// Whether the outstanding batch has been committed.
    private var mayTakeCommit: Bool { batch.isOutstanding && intake.committed >= batch.sequence }

    private func noteStaged() {
        let (count, isOwed) = intake.takeStaged()
        guard count > 0 || isOwed else { return }
        let isFirst = !batch.isHolding
        batch.stage(count, isOwed: isOwed, atNs: MonotonicClock.nowNs())
        if isFirst { holdChanged() }
    }

    /// Tells whoever measures since when something is held.
    private func holdChanged() { intake.heldSinceNs = batch.holdingSinceNs }

    private func closeIfDue(isDrained: Bool) {
        if batch.isDue(isDrained: isDrained, atNs: MonotonicClock.nowNs()) { close() }
    }

    /// Ends the open batch, if the ring has room for that.
    private func close() {
        // Behind the messages that it speaks of. Nothing parked is among those: then the push is refused, until next time.
        if let journal, let position = journal.movedPosition, intake.push(.journal(position)) {
            journal.pushedPosition = position
        }
        guard intake.pushEnd(of: batch.next) else { return }
        batch.close(atNs: MonotonicClock.nowNs())
        intake.canary?.batchClosed()
        metrics.batchClosed(ringFill: intake.ringFill)
        metrics.add(&intake.tally)
        if let journal { journalMetrics?.add(&journal.tally) }
    }

    /// Tells the stream that the connection came up or went down, behind all that was received.
    private func announce(isUp: Bool) {
        guard announced != isUp, intake.push(.connection(isUp: isUp, atMs: clock.nowMs())) else { return }
        announced = isUp
        board.caughtUp(isUp)
        if isUp { logger.info("mqtt.caught_up") }
    }

    // MARK: - Connecting

    /// A session begins with nothing held: what it writes can acknowledge nothing of an earlier one.
    private func connectIfDue() {
        guard mayWrite, announced == false, MonotonicClock.nowMs() >= session.nextAttemptMs else { return }
        hasCaughtUp = false
        intake.canary?.connection(isUp: false, atNs: MonotonicClock.nowNs())
        journal?.sessionBegins()
        prepareWill()
        attempts += 1
        if attempts > 1 { metrics.reconnected() }
        control.connecting { session.connect() }
        lastArrivalMs = MonotonicClock.nowMs()
    }

    /// A Sparkplug host's word of this connection: the broker says it when we vanish.
    private func prepareWill() {
        guard let sparkplug else { return }
        do throws(SessionError) {
            try session.set(will: sparkplug.will(atMs: clock.nowMs()))
        } catch {
            logger.warning("sparkplug.no_will", metadata: ["error": "\(error)"])
        }
    }

    // MARK: - Reading

    /// Reads until nothing is left, the batch is full or old, a message has to wait, or other things have waited for a while.
    private func readRound() {
        guard session.state != .down, mayRead else { return }
        intake.arrivedAtMs = clock.nowMs()
        var reads = 0
        isDrained = false
        while mayRead {
            isDrained = !session.read()
            if isDrained { break }
            noteStaged()
            reads += 1
            // Now and then: let the pipeline begin, and look at the time.
            guard reads & 63 == 0 else { continue }
            intake.flush()
            if reads >= batch.limit || mayTakeCommit || batch.isDue(isDrained: false, atNs: MonotonicClock.nowNs()) {
                break
            }
        }
        noteStaged()
        if reads > 0 { lastArrivalMs = MonotonicClock.nowMs() }
    }

    private var mayRead: Bool { mayTake && journal?.isBusy != true }

    /// Whether another message may be pushed, wherever it comes from.
    private var mayTake: Bool { !intake.hasParked && batch.mayRead(isHungUp: session.isHungUp) }

    /// Tries a journal again that could not be read, also while messages never cease, and says how it is doing.
    private func watchJournal() {
        guard let journal else { return }
        if mayWrite { journal.retry(atMs: MonotonicClock.nowMs()) }
        guard journal.problem != postedProblem else { return }
        postedProblem = journal.problem
        board.journal(problem: postedProblem)
    }

    /// Replays what the journal has and the broker has lost, as far as the batch has room.
    private func replayRound() {
        guard let journal, journal.isBusy else { return }
        var steps = 0
        while journal.isBusy, mayTake {
            journal.step()
            noteStaged()
            steps += 1
            guard steps & 63 == 0 else { continue }
            intake.flush()
            if batch.isDue(isDrained: false, atNs: MonotonicClock.nowNs()) { break }
        }
        intake.flush()
        lastArrivalMs = MonotonicClock.nowMs()
        closeIfDue(isDrained: !intake.hasParked)
    }

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
        let isGathering = batch.gathersUntilNs != nil
        // What was read in this turn, and what was parked and could be pushed.
        if !isGathering { intake.flush() }
        if journal?.isBusy == true, mayTake { return }
        let now = MonotonicClock.nowMs()
        var timeoutMs: Int64 = 1000
        if intake.hasParked { timeoutMs = 1 }  // nobody rings when the ring has room again
        if session.state == .down { timeoutMs = min(timeoutMs, max(1, session.nextAttemptMs - now)) }
        if session.state == .up, !hasCaughtUp { timeoutMs = min(timeoutMs, quietLeftMs(now)) }
        if let until = batch.gathersUntilNs {
            session.hasten()
            timeoutMs = min(timeoutMs, max(1, (until - MonotonicClock.nowNs() + 999_999) / 1_000_000))
        }
        let isPausing = mayRead && batch.isOutstanding && isDrained && !session.isHungUp
        if isPausing { timeoutMs = min(timeoutMs, Self.pauseMs) }
        if let deadline { timeoutMs = min(timeoutMs, max(0, deadline - now)) }
        doorbell.arm()
        defer { doorbell.disarm() }
        if mayTakeCommit { return }
        if control.isStopping && deadline == nil { return }
        let readiness = session.wait(
            reading: mayRead && !isGathering && !isPausing && deadline == nil, writing: mayWrite,
            wake: doorbell.fileDescriptor, timeoutMs: Int(timeoutMs))
        noteQuiet(readiness)
    }

    /// How long a socket that has been read to its end is left alone while a batch is outstanding: what comes in a trickle is read
    /// together then, and is one commit.
    private static let pauseMs: Int64 = 5

    private func quietLeftMs(_ now: Int64) -> Int64 { max(1, min(quietMs, lastArrivalMs + quietMs - now)) }

    /// Watches for the end of the backlog: a pause while everything is acknowledged, so that the broker owes us. What the
    /// journal has beyond that is lost to the broker, and belongs to the backlog too; also later, after longer pauses.
    private func noteQuiet(_ readiness: BrokerSession.Readiness) {
        guard session.state == .up, !hasCaughtUp || journal != nil else { return }
        let now = MonotonicClock.nowMs()
        let pauseMs = hasCaughtUp ? max(quietMs, Self.idleMs) : quietMs
        let isQuiet = !readiness.isReadable && mayWrite && !session.wantsWrite && now - lastArrivalMs >= pauseMs
        if isQuiet, let journal {
            if journal.replayRest(atMs: now) { return }
            keepPosition(of: journal)
        }
        if isQuiet || now - session.upSinceMs >= longestMs { hasCaughtUp = true }
    }

    /// A pause after which a journal is looked at.
    private static let idleMs: Int64 = 2000

    /// Commits a position that moved over messages of others only, so that the broker may let go of them.
    private func keepPosition(of journal: JournalFollower) {
        if hasCaughtUp, journal.movedPosition != nil { close() }
    }

    // MARK: - The end

    /// Commits what has been read, acknowledges it and says goodbye; or, when that takes too long, just goes.
    private func finish() {
        journal?.stop()
        let deadline = MonotonicClock.nowMs() + graceMs
        var isLastClosed = false
        while MonotonicClock.nowMs() < deadline {
            settleLast(&isLastClosed)
            if isLastClosed && !batch.isHolding { break }
            if session.state != .down { session.service() }
            sleep(untilMs: deadline)
        }
        metrics.add(&intake.tally)
        guard mayWrite, isLastClosed else {
            // Acknowledgements leave all together or not at all: the broker delivers these messages again.
            logger.warning("mqtt.stopped_unacknowledged", metadata: ["waited_ms": .stringConvertible(graceMs)])
            return session.abandon()
        }
        sparkplug?.stop(session, atMs: clock.nowMs())
        session.write()
        session.disconnect()
    }

    /// Pushes the rest: what is parked, the connection's end, and with them the last batch's end.
    private func settleLast(_ isLastClosed: inout Bool) {
        takeCommit()
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
