internal import Logging
internal import MQTTSession
internal import SPSCRing
internal import Synchronization
internal import TimeBase

/// One publisher on a thread of its own, for tasks that must not block: hands messages over and waits for their PUBACKs.
///
/// Messages that are handed over together go out together. When the broker does not acknowledge in time, the connection is
/// given up with all that is under way on it, so that nothing stale leaves behind what is sent later.
final class AlertThread: Sendable {
    struct Message: Sendable {
        var topic: String
        var payload: [UInt8]
        var isRetained: Bool
    }

    /// Why a broker did not take messages. They may have reached it all the same.
    struct Failure: Error {
        var reason: String
        /// No broker takes it, ever: its topic is none.
        var isForGood = false
    }

    private struct Job: Sendable {
        var messages: [Message]
        var waiter: Waiter
    }

    private struct State {
        var jobs: [Job] = []
        var isClosed = false
        var hasEnded = false
    }

    private let state = Mutex(State())
    private let bell = Doorbell()
    private let thread = Mutex<WorkerThread?>(nil)
    private let configuration: SessionConfiguration
    private let limitMs: Int
    private let logger: Logger

    init(_ configuration: SessionConfiguration, limit: Duration, logger: Logger) {
        self.configuration = configuration
        limitMs = Int(limit.milliseconds)
        self.logger = logger
    }

    /// Publishes `messages` in order; returns when the broker has acknowledged all of them.
    func publish(_ messages: [Message]) async throws(Failure) {
        // The library would end the connection, with all that others have under way on it.
        if let message = messages.first(where: { !TopicName.isValid($0.topic) }) {
            throw Failure(reason: "\(message.topic.debugDescription) can't be published under", isForGood: true)
        }
        startIfNeeded()
        let waiter = Waiter()
        let isClosed = state.withLock { state in
            if !state.isClosed { state.jobs.append(Job(messages: messages, waiter: waiter)) }
            return state.isClosed
        }
        if isClosed { waiter.resume(.failure(Failure(reason: "stopped"))) }
        bell.ring()
        // The thread may be in the middle of a call that takes its time; who stops does not wait for it.
        let result = await withTaskCancellationHandler {
            await waiter.value()
        } onCancel: {
            waiter.resume(.failure(Failure(reason: "stopped")))
        }
        try result.get()
    }

    /// Ends the connection and the thread, which says goodbye to the broker if it is not in the middle of something.
    func close() async {
        state.withLock { $0.isClosed = true }
        bell.signal()
        guard thread.withLock({ $0 }) != nil else { return }
        for _ in 0..<20 where !state.withLock({ $0.hasEnded }) && !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(50))
        }
    }

    private func startIfNeeded() {
        thread.withLock { thread in
            if thread == nil { thread = WorkerThread.start(name: "sluice-alerts") { [self] in run() } }
        }
    }

    private func run() {
        var publisher: MQTTPublisher?
        while true {
            let (jobs, isClosed) = state.withLock { state in
                defer { state.jobs = [] }
                return (state.jobs, state.isClosed)
            }
            if isClosed {
                publisher?.close()
                state.withLock { $0.hasEnded = true }
                return finish(jobs, .failure(Failure(reason: "stopped")))
            }
            if jobs.isEmpty {
                // Keepalive and hang-ups are looked after once a second.
                bell.wait(timeoutMs: 1000, spins: 0) { state.withLock { !$0.jobs.isEmpty || $0.isClosed } }
                publisher?.service(timeoutMs: 0)
                continue
            }
            do throws(SessionError) {
                let open: MQTTPublisher
                if let publisher { open = publisher } else { open = try connect() }
                publisher = open
                let refused = open.refused
                for message in jobs.flatMap(\.messages) {
                    try open.publish(
                        topic: message.topic, payload: message.payload.span, retain: message.isRetained,
                        timeoutMs: limitMs)
                }
                try open.flush(timeoutMs: limitMs)
                // The library does not say which of them. It is mended by people, and then everything is to arrive.
                let failure = Failure(reason: "the broker's access rules do not let us publish")
                finish(jobs, open.refused == refused ? .success(()) : .failure(failure))
            } catch {
                publisher?.close()
                publisher = nil
                finish(jobs, .failure(Failure(reason: error.description)))
            }
        }
    }

    private func connect() throws(SessionError) -> MQTTPublisher {
        let publisher = try MQTTPublisher(configuration, window: 100, wallMs: { 0 }, logger: logger)
        do throws(SessionError) {
            try publisher.connect(timeoutMs: limitMs)
        } catch {
            publisher.close()
            throw error
        }
        return publisher
    }

    private func finish(_ jobs: [Job], _ result: Result<Void, Failure>) {
        for job in jobs { job.waiter.resume(result) }
    }
}

/// One task that waits for one result, which may come before it waits, and more than once: the first counts.
private final class Waiter: Sendable {
    typealias Outcome = Result<Void, AlertThread.Failure>

    private enum State {
        case idle
        case waiting(CheckedContinuation<Outcome, Never>)
        case done(Outcome)
    }
    private let state = Mutex(State.idle)

    func resume(_ outcome: Outcome) {
        let waiting: CheckedContinuation<Outcome, Never>? = state.withLock { state in
            switch state {
            case .done: return nil
            case .idle:
                state = .done(outcome)
                return nil
            case .waiting(let continuation):
                state = .done(outcome)
                return continuation
            }
        }
        waiting?.resume(returning: outcome)
    }

    func value() async -> Outcome {
        await withCheckedContinuation { continuation in
            let known: Outcome? = state.withLock { state in
                if case .done(let outcome) = state { return outcome }
                state = .waiting(continuation)
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }
    }
}
