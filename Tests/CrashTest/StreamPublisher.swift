internal import FaultSupport
internal import Foundation
internal import Logging
internal import MQTTSession
internal import Synchronization

/// Publishes the stream in order on a thread of its own, no further than it is allowed to.
final class StreamPublisher: Sendable {
    private struct State {
        var allowed = 0
        /// Over which time the last allowance is spent.
        var spread = Duration.zero
        var allowedAt = ContinuousClock.now
        var before = 0
        var delivered = 0
        var failure: String?
        var isDone = false
        var isStopping = false
    }

    private let state = Mutex(State())
    private let stream: NumberedStream

    init(_ stream: NumberedStream) { self.stream = stream }

    /// Readings that the broker has acknowledged.
    var delivered: Int { state.withLock { $0.delivered } }

    /// - Throws: why it gave up.
    func isDone() throws -> Bool {
        let (isDone, failure) = state.withLock { ($0.isDone, $0.failure) }
        if let failure { throw PublishingFailed(description: failure) }
        return isDone
    }

    struct PublishingFailed: Error, CustomStringConvertible { var description: String }

    /// Lets it publish up to reading number `count`, evenly over `spread` from now on.
    func allow(upTo count: Int, over spread: Duration) {
        state.withLock { state in
            (state.before, state.allowed) = (state.allowed, min(count, stream.count))
            (state.spread, state.allowedAt) = (spread, .now)
        }
    }

    func stop() { state.withLock { $0.isStopping = true } }

    func start(_ session: SessionConfiguration) {
        Thread.detachNewThread { [self] in
            do {
                try publish(session)
            } catch {
                state.withLock { $0.failure = "\(error)" }
            }
        }
    }

    private func publish(_ session: SessionConfiguration) throws(SessionError) {
        let publisher = try MQTTPublisher(
            session, wallMs: { 0 }, logger: Logger(label: "publisher") { _ in SwiftLogNoOpLogHandler() })
        try publisher.connect()
        let topics = (0..<stream.sensorCount).map(stream.topic(ofSensor:))
        var next = 0
        while next < stream.count {
            let target = self.target
            if state.withLock({ $0.isStopping }) { return }
            while next < target {
                try publisher.publish(topic: topics[next % topics.count], payload: stream.payload(next))
                next += 1
                if next & 0xFF == 0 { tell(publisher.delivered) }
            }
            publisher.service(timeoutMs: 2)
            tell(publisher.delivered)
        }
        try publisher.flush()
        tell(publisher.delivered)
        publisher.close()
        state.withLock { $0.isDone = true }
    }

    private func tell(_ delivered: Int) { state.withLock { $0.delivered = delivered } }

    /// How many readings may have been published by now.
    private var target: Int {
        let now = ContinuousClock.now
        return state.withLock { state in
            guard state.spread > .zero else { return state.allowed }
            let share = min(1, (now - state.allowedAt) / state.spread)
            return state.before + Int(Double(state.allowed - state.before) * share)
        }
    }
}
