internal import Glibc
public import Logging
internal import TimeBase

/// One connection to a broker, kept by one thread, which drives it.
///
/// ```
///   down ──connect()──▶ connecting ──CONNACK──▶ subscribing ──SUBACK──▶ up ──▶ … ──▶ down
/// ```
/// It reconnects when its owner asks for it, not before ``nextAttemptMs``. It reads only in ``read()`` and writes only
/// in ``write()``: a message is acknowledged by the first write after its read, so the owner stores first, then writes.
public final class BrokerSession {
    public enum State: Sendable { case down, connecting, subscribing, up }

    /// What ``wait(reading:wake:timeoutMs:)`` returned for.
    public struct Readiness: Sendable, Equatable {
        public var isReadable = false
        public var isWoken = false
    }

    public private(set) var state = State.down
    /// Whether the broker has closed its end. Read to the end, store, and only then let go: a write that fails
    /// would throw away what has arrived.
    public private(set) var isHungUp = false
    /// When to connect next, on the monotonic clock.
    public private(set) var nextAttemptMs: Int64 = 0
    /// Why the last session or attempt ended.
    public private(set) var lastError: SessionError?
    /// Sessions that were subscribed, so far.
    public private(set) var connects = 0
    /// When the session in hand was subscribed, on the monotonic clock.
    public private(set) var upSinceMs: Int64 = 0
    /// Where other threads see how it is doing.
    public let board: StatusBoard

    private var configuration: SessionConfiguration
    private let receiver: (any MessageReceiver)?
    private let sendWindow: Int
    private let wallMs: @Sendable () -> Int64
    private let logger: Logger
    private var randomness: any RandomNumberGenerator
    private var client: MosquittoClient
    private var publishedBefore = 0
    private var backoff: Backoff
    /// Since when the handshake waits for a word of the broker.
    private var waitingSinceMs: Int64 = 0
    private var nextServiceMs: Int64 = 0
    private var nextCertificateCheckMs: Int64 = 0
    /// Sessions in a row that the broker closed soon while it took us back at once.
    private var shortSessions = 0

    /// How long the broker may be silent between TCP connection and the last SUBACK. A backlog may come before that.
    static let handshakeLimitMs: Int64 = 15_000
    /// After so many short sessions in a row another client is thought to take ours.
    static let contestedAfter = 5

    /// - Parameters:
    ///   - receiver: takes the messages; kept by the session.
    ///   - sendWindow: publishes that may be unacknowledged.
    ///   - wallMs: milliseconds since the Unix epoch, for ``board``.
    ///   - randomness: spreads reconnects.
    /// - Throws: `.configuration` for what ``SessionConfiguration/problems(at:)`` can't see, a file that is no
    ///   certificate for example.
    public init(
        _ configuration: SessionConfiguration, receiver: (any MessageReceiver)?, sendWindow: Int = 1000,
        board: StatusBoard = StatusBoard(), wallMs: @escaping @Sendable () -> Int64,
        randomness: any RandomNumberGenerator = SystemRandomNumberGenerator(), logger: Logger
    ) throws(SessionError) {
        self.configuration = configuration
        self.receiver = receiver
        self.sendWindow = sendWindow
        self.board = board
        self.wallMs = wallMs
        self.randomness = randomness
        backoff = Backoff(boundsMs: configuration.reconnectMs, refusedMs: configuration.refusedMs)
        client = try MosquittoClient(configuration, sendWindow: sendWindow, receiver: receiver)
        var logger = logger
        logger[metadataKey: "broker"] = "\(configuration.name)"
        logger[metadataKey: "peer"] = "\(configuration.peer)"
        self.logger = logger
    }

    // MARK: - Beginning and end

    /// What the broker is to publish when the next connection vanishes, in place of the configuration's.
    ///
    /// - Precondition: the session is down.
    package func set(will: SessionConfiguration.Will) throws(SessionError) {
        precondition(state == .down, "a will belongs to the connection that it is made with")
        try client.set(will: will)
    }

    /// Starts an attempt. The resolver and the TCP connection block, at worst for two minutes; nothing is staged then.
    ///
    /// - Precondition: the session is down, and nothing that it delivered is still to be stored.
    public func connect() {
        precondition(state == .down, "connect() while \(state)")
        isHungUp = false
        post(.connecting)
        logger.debug("mqtt.connecting")
        waitingSinceMs = MonotonicClock.nowMs()
        do throws(SessionError) {
            try client.connect(
                host: configuration.host, port: configuration.port, keepaliveS: configuration.keepaliveS)
            state = .connecting
            waitingSinceMs = MonotonicClock.nowMs()
            nextServiceMs = waitingSinceMs + 1000
        } catch {
            end(error)
        }
    }

    /// Says goodbye and closes. Call ``write()`` first if anything may be acknowledged, and only when everything may.
    public func disconnect() {
        if state != .down {
            let connection = EndingConnection(client.socket)
            client.disconnect()
            // The socket is non-blocking and nearly empty; if it takes nothing now, the broker notices anyway.
            try? client.write()
            connection?.finish(withinMs: 500)
        }
        close()
    }

    /// Closes without writing: what was delivered and not acknowledged is delivered again.
    public func abandon() { close() }

    private func close() {
        if state != .down { logger.info("mqtt.disconnected", metadata: ["reason": "stopped"]) }
        state = .down
        if let fresh = try? MosquittoClient(configuration, sendWindow: sendWindow, receiver: receiver) {
            publishedBefore += client.published
            client = fresh  // the old one closes its socket and forgets what it had queued
        }
        post(.stopped)
    }

    /// Records why the session or the attempt ended and when to try again.
    private func end(_ cause: SessionError) {
        let now = MonotonicClock.nowMs()
        let error = contested(cause, lastedMs: state == .up ? now - upSinceMs : nil)
        let ending: Backoff.Ending =
            switch error.code {
            case .refused, .tls, .configuration: .refused
            case .takenOver: .takenOver
            default: .lost
            }
        let lastedMs = state == .up ? now - upSinceMs : 0
        state = .down
        lastError = error
        client.finishConnecting()
        let waitMs = wait(after: ending, lastedMs: lastedMs)
        nextAttemptMs = now + Int64(waitMs)
        let metadata: Logger.Metadata = [
            "error": "\(error)", "code": "\(error.code.rawValue)", "retry_ms": .stringConvertible(waitMs),
        ]
        switch ending {
        case .refused:
            logger.error(error.code == .tls ? "mqtt.tls_failed" : "mqtt.refused", metadata: metadata)
            post(.refused, error)
        case .takenOver:
            logger.error("mqtt.taken_over", metadata: metadata)
            post(.refused, error)
        case .lost:
            logger.warning(lastedMs > 0 ? "mqtt.disconnected" : "mqtt.connect_failed", metadata: metadata)
            post(.backoff, error)
        }
    }

    /// Tells a session that another client keeps taking from one that broke: mosquitto 2.0.11 closes it without a word,
    /// and takes us back at once. A broker that restarts does not, ``contestedAfter`` times in a row.
    private func contested(_ cause: SessionError, lastedMs: Int64?) -> SessionError {
        let saidWhy = client.disconnectReason.map { $0 >= 128 } ?? false
        guard cause.code == .lost, !saidWhy, let lastedMs, lastedMs < Backoff.stableMs else {
            shortSessions = 0
            return cause
        }
        shortSessions += 1
        guard shortSessions >= Self.contestedAfter else { return cause }
        return SessionError(
            .takenOver,
            "\(configuration.peer) closed \(shortSessions) sessions in a row soon after it had taken us back; "
                + "most likely another process uses our client_id “\(configuration.clientID)”")
    }

    private func wait(after ending: Backoff.Ending, lastedMs: Int64) -> Int {
        // An existential can't be passed `inout` as its protocol; opening it through a generic function can.
        func draw<R: RandomNumberGenerator>(_ source: R) -> Int {
            var source = source
            defer { randomness = source }
            return backoff.wait(after: ending, lastedMs: lastedMs, using: &source)
        }
        return draw(randomness)
    }

    // MARK: - Traffic

    /// Reads one packet, or what has been decrypted. False when there was nothing more, or the session ended.
    public func read() -> Bool {
        guard state != .down else { return false }
        let before = client.received
        do throws(SessionError) {
            try client.read()
            try progress()
        } catch {
            end(refine(error))
            return false
        }
        guard client.received != before, state != .down else { return false }
        if state != .up { waitingSinceMs = MonotonicClock.nowMs() }
        return true
    }

    /// Sends what is queued, and with it every acknowledgement: only when everything delivered has been stored.
    /// Does nothing once the broker has hung up.
    public func write() {
        guard state != .down, client.wantsWrite else { return }
        // A look first: a failing write closes the socket, unread messages and all.
        if state == .up { _ = poll(events: 0, wake: -1, timeoutMs: 0) }
        guard !isHungUp else { return }
        do throws(SessionError) {
            try client.write()
            try progress()
        } catch { end(refine(error)) }
    }

    /// Asks the broker's TCP for more before anything is written to it.
    ///
    /// A socket that follows Nagle's algorithm, as mosquitto's does by default, holds back its next small segment until the
    /// last one is acknowledged. Our TCP leaves that to the next thing that we write, for up to 40 ms: whoever waits for
    /// more messages before it writes would wait in vain.
    public func hasten() {
        if state != .down { client.acknowledgeSegments() }
    }

    /// Keepalive and handshake deadline. Cheap when not due; call it at every turn.
    public func service() {
        guard state != .down else { return }
        let now = MonotonicClock.nowMs()
        guard now >= nextServiceMs else { return }
        nextServiceMs = now + 1000
        if state != .up, now - waitingSinceMs > Self.handshakeLimitMs {
            // While the store is behind nobody reads: what the broker says waits in the socket, and is no silence.
            guard !poll(events: Int16(POLLIN), wake: -1, timeoutMs: 0).isReadable else {
                waitingSinceMs = now
                return
            }
            // The next attempt closes the socket.
            let limitS = Self.handshakeLimitMs / 1000
            return end(SessionError(.timeout, "\(configuration.peer) accepted us but did not answer in \(limitS) s"))
        }
        if state == .up, now >= nextCertificateCheckMs { checkCertificate() }
        do throws(SessionError) {
            try client.service()
            try progress()
        } catch { end(refine(error)) }
    }

    /// Subscribes to other filters from now on, also in later sessions: first to what is new, then no more to what is old, so
    /// that nothing which both match is missed. Sends what is queued, so only when everything delivered has been stored.
    ///
    /// - Precondition: no handshake is under way.
    public func subscribe(to filters: [String]) {
        precondition(state == .up || state == .down, "subscribe(to:) while \(state)")
        let stale = configuration.topicFilters.filter { !filters.contains($0) }
        configuration.topicFilters = filters
        configuration.formerFilters += stale
        guard state == .up else { return }
        do throws(SessionError) {
            try client.subscribe(filters)
            if !stale.isEmpty { try client.unsubscribe(stale) }
        } catch { end(refine(error)) }
    }

    /// Whether something waits to be sent.
    public var wantsWrite: Bool { state != .down && client.wantsWrite }

    /// Publishes done so far: acknowledged at QoS 1, written at QoS 0.
    var published: Int { publishedBefore + client.published }

    /// Publishes of the present connection that the broker answered with a refusal.
    package var refusedPublishes: Int { client.refusedPublishes }

    /// Queues a message; ``write()`` sends it.
    package func publish(topic: String, payload: Span<UInt8>, qos: Int32, retain: Bool) throws(SessionError) {
        try client.publish(topic: topic, payload: payload, qos: qos, retain: retain)
    }

    /// Sleeps until the socket is readable or hung up, `wake` is readable, or the time is over.
    ///
    /// - Parameters:
    ///   - reading: whether to return for something to read.
    ///   - writing: whether to return when the socket takes more of what is queued.
    ///   - wake: another descriptor to watch, or -1.
    @discardableResult
    public func wait(reading: Bool, writing: Bool, wake: Int32, timeoutMs: Int) -> Readiness {
        var events: Int16 = 0
        if reading { events |= Int16(POLLIN) }
        // While TLS shakes hands, something is queued that the socket can't take yet: look again soon instead.
        let isShaking = state == .connecting && configuration.tls != nil
        if writing && wantsWrite && !isShaking { events |= Int16(POLLOUT) }
        return poll(events: events, wake: wake, timeoutMs: isShaking ? min(timeoutMs, 10) : timeoutMs)
    }

    private func poll(events: Int16, wake: Int32, timeoutMs: Int) -> Readiness {
        let hangUp: Int16 = 0x2000  // POLLRDHUP, which Glibc's overlay leaves out
        // A hung-up socket would end every wait at once; until it has been read to its end it is only read.
        let socket = state == .down || (isHungUp && events == 0) ? -1 : client.socket
        var descriptors: InlineArray<2, pollfd> = [
            pollfd(fd: socket, events: events | (isHungUp ? 0 : hangUp), revents: 0),
            pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
        ]
        var span = descriptors.mutableSpan
        let count = unsafe span.withUnsafeMutableBufferPointer {
            unsafe Glibc.poll($0.baseAddress, 2, Int32(timeoutMs))
        }
        guard count > 0 else { return Readiness() }
        let got = Int32(descriptors[0].revents)
        if got & (Int32(hangUp) | POLLHUP | POLLERR) != 0 { isHungUp = true }
        return Readiness(isReadable: got & POLLIN != 0 || isHungUp, isWoken: descriptors[1].revents != 0)
    }

    // MARK: - Handshake

    /// Takes up what the callbacks reported.
    private func progress() throws(SessionError) {
        if state == .connecting, let answer = client.takeConnack() { try connected(answer) }
        if state == .subscribing, let granted = client.takeSuback() { subscribed(granted) }
        if state == .up, let granted = client.takeSuback() { report(granted) }
        // A DISCONNECT from the broker, or its end of file, closes the library's socket without an error.
        if client.socket < 0 { throw SessionError(.lost, "\(configuration.peer) closed the connection") }
    }

    private func connected(_ answer: (reason: Int32, hasSession: Bool)) throws(SessionError) {
        guard answer.reason == 0 else { throw .refused(reason: answer.reason, peer: configuration.peer) }
        client.finishConnecting()
        logger.debug("mqtt.accepted", metadata: ["session_present": .stringConvertible(answer.hasSession)])
        guard !configuration.topicFilters.isEmpty else { return becomeUp() }
        state = .subscribing
        let filters = configuration.topicFilters + configuration.optionalFilters
        let stale = configuration.formerFilters.filter { !filters.contains($0) }
        if answer.hasSession, !stale.isEmpty {
            logger.info("mqtt.unsubscribing", metadata: ["filters": "\(stale.joined(separator: " "))"])
            try client.unsubscribe(stale)
        }
        // In every session, also one that the broker remembers: its filters may be yesterday's.
        try client.subscribe(filters)
    }

    private func subscribed(_ granted: [Int32]) {
        becomeUp()
        report(granted)
    }

    /// Says loudly which filters the broker will not deliver for.
    private func report(_ granted: [Int32]) {
        var refused: [String] = []
        for (place, code) in granted.enumerated() where code >= 128 {
            // The optional ones stand behind.
            guard place < configuration.topicFilters.count else { break }
            refused.append(configuration.topicFilters[place])
        }
        guard !refused.isEmpty else { return }
        // The other filters deliver: keep the connection, but be loud.
        let names = refused.map { "“\($0)”" }.joined(separator: ", ")
        let error = SessionError(
            .subscription, "\(configuration.peer) refused to subscribe us to \(names); check the broker's access rules")
        lastError = error
        logger.error("mqtt.subscription_refused", metadata: ["error": "\(error)"])
        post(.refused, error)
    }

    private func becomeUp() {
        state = .up
        connects += 1
        upSinceMs = MonotonicClock.nowMs()
        logger.info("mqtt.connected", metadata: ["connects": .stringConvertible(connects)])
        post(.connected)
        checkCertificate()
    }

    /// Warns while there is time: at each connection, and daily on one that lasts.
    private func checkCertificate() {
        nextCertificateCheckMs = MonotonicClock.nowMs() + 86_400_000
        guard configuration.tls != nil, let days = client.certificateDaysLeft, days < PeerCertificate.warningDays else {
            return
        }
        logger.warning("mqtt.certificate_expires", metadata: ["days_left": .stringConvertible(days)])
    }

    /// Says more precisely why it ended, from what the callbacks reported before the library gave up.
    private func refine(_ error: SessionError) -> SessionError {
        if let answer = client.takeConnack(), answer.reason != 0 {
            return .refused(reason: answer.reason, peer: configuration.peer)
        }
        if let reason = client.disconnectReason, reason >= 128 {
            return .disconnected(reason: reason, peer: configuration.peer)
        }
        return error
    }

    private func post(_ phase: ConnectionStatus.Phase, _ error: SessionError? = nil) {
        let (now, connects) = (wallMs(), connects)
        board.update { status in
            if status.phase != phase || status.sinceMs == 0 { status.sinceMs = now }
            status.phase = phase
            status.connects = connects
            if let error { status.lastError = error.description }
        }
    }
}
