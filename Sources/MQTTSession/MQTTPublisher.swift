public import Logging
internal import TimeBase

/// Publishes over a connection of its own, as fast as the broker takes it and never further ahead than its window.
///
/// Not thread-safe: made, driven and closed by one thread, which it blocks. It reconnects by itself; what was not
/// acknowledged is sent again, so a subscriber may see a message twice.
public final class MQTTPublisher {
    public enum QoS: Int32, Sendable {
        case atMostOnce = 0
        case atLeastOnce = 1
    }

    private let session: BrokerSession
    private let window: Int
    private var offered = 0
    private var unserviced = 0

    /// Messages handed over that are not done: unacknowledged at QoS 1, unwritten at QoS 0.
    public var inFlight: Int { offered - session.published }
    /// Messages that the present broker connection has refused, by its access rules; they count as done. Always 0 with
    /// MQTT 3.1.1, which can't tell.
    public var refused: Int { session.refusedPublishes }
    /// Messages done.
    public var delivered: Int { session.published }
    /// Where other threads see how the connection is doing.
    public var board: StatusBoard { session.board }

    /// - Parameters:
    ///   - configuration: ``SessionConfiguration/topicFilters`` must be empty.
    ///   - window: messages in flight at most.
    public init(
        _ configuration: SessionConfiguration, window: Int = 1000, wallMs: @escaping @Sendable () -> Int64,
        logger: Logger
    ) throws(SessionError) {
        precondition(configuration.topicFilters.isEmpty, "a publisher subscribes to nothing")
        precondition((1...65_535).contains(window), "a window must be 1–65535, was \(window)")
        self.window = window
        session = try BrokerSession(configuration, receiver: nil, sendWindow: window, wallMs: wallMs, logger: logger)
    }

    /// Waits until the connection is up.
    ///
    /// - Throws: `.timeout` with the last reason, or the refusal as soon as the broker refuses.
    public func connect(timeoutMs: Int = 10_000) throws(SessionError) {
        let end = MonotonicClock.nowMs() + Int64(timeoutMs)
        while session.state != .up {
            if let error = session.lastError, error.code == .refused || error.code == .tls { throw error }
            guard MonotonicClock.nowMs() < end else {
                let reason = session.lastError?.description ?? "no answer"
                throw SessionError(.timeout, "not connected after \(timeoutMs) ms: \(reason)")
            }
            turn(timeoutMs: 10)
        }
    }

    /// Hands one message over. Blocks while the window is full, also through a reconnect.
    ///
    /// - Throws: `.full` when the broker has taken nothing for `timeoutMs`; the message was not handed over.
    public func publish(
        topic: String, payload: Span<UInt8>, qos: QoS = .atLeastOnce, retain: Bool = false, timeoutMs: Int = 60_000
    ) throws(SessionError) {
        try settle(below: window, needsConnection: true, timeoutMs: timeoutMs)
        try session.publish(topic: topic, payload: payload, qos: qos.rawValue, retain: retain)
        offered += 1
        unserviced += 1
        // A system call for some dozens of messages, and not for each.
        if unserviced >= min(64, window) { turn(timeoutMs: 0) }
    }

    public func publish(topic: String, payload: [UInt8], qos: QoS = .atLeastOnce, retain: Bool = false)
        throws(SessionError)
    {
        try publish(topic: topic, payload: payload.span, qos: qos, retain: retain)
    }

    /// Waits until everything handed over is done.
    ///
    /// - Throws: `.timeout` with how many are left and why.
    public func flush(timeoutMs: Int = 60_000) throws(SessionError) {
        try settle(below: 1, needsConnection: false, timeoutMs: timeoutMs)
    }

    /// Sends, receives and keeps the connection alive for up to `timeoutMs`. For owners with pauses between messages.
    public func service(timeoutMs: Int) {
        let end = MonotonicClock.nowMs() + Int64(timeoutMs)
        repeat {
            turn(timeoutMs: Int(max(0, min(end - MonotonicClock.nowMs(), 1000))))
        } while MonotonicClock.nowMs() < end
    }

    /// Closes the connection. What is not yet done is lost: ``flush(timeoutMs:)`` first.
    public func close() { session.disconnect() }

    /// Turns until fewer than `limit` are in flight. The time counts from the last progress.
    private func settle(below limit: Int, needsConnection: Bool, timeoutMs: Int) throws(SessionError) {
        var seen = session.published
        var end: Int64?
        while inFlight >= limit || (needsConnection && session.state != .up) {
            let now = MonotonicClock.nowMs()
            if session.published != seen || end == nil {
                seen = session.published
                end = now + Int64(timeoutMs)
            } else if let end, now >= end {
                let reason = session.lastError.map { ": \($0)" } ?? ""
                throw SessionError(
                    limit == 1 ? .timeout : .full,
                    "the broker has taken nothing for \(timeoutMs) ms, \(inFlight) messages are in flight\(reason)")
            }
            turn(timeoutMs: 100)
        }
    }

    /// One turn: connect if due, send, wait, receive.
    private func turn(timeoutMs: Int) {
        unserviced = 0
        if session.state == .down {
            let now = MonotonicClock.nowMs()
            guard now >= session.nextAttemptMs else {
                session.wait(
                    reading: false, writing: false, wake: -1,
                    timeoutMs: min(timeoutMs, Int(session.nextAttemptMs - now)))
                return
            }
            session.connect()
        }
        session.write()
        session.wait(reading: true, writing: true, wake: -1, timeoutMs: timeoutMs)
        while session.read() {}
        session.service()
    }
}
