internal import IssueStorage
internal import Logging
internal import Open311
internal import TimeBase

/// Tells a broker's subscribers: each request's state as a retained message, each change as a transient one, at QoS 1.
///
/// A change counts as delivered when the broker has acknowledged both. Subscribers may see a change twice after a failure; its
/// `id` is the same then.
struct AlertChannel: DeliveryChannel {
    let target: AlertTarget
    let document: RequestDocument
    let reader: IssueReader
    let nowMs: @Sendable () -> Int64
    private let thread: AlertThread

    init(
        _ target: AlertTarget, document: RequestDocument, reader: IssueReader, nowMs: @escaping @Sendable () -> Int64,
        logger: Logger
    ) {
        self.target = target
        self.document = document
        self.reader = reader
        self.nowMs = nowMs
        thread = AlertThread(target.session, limit: target.limit, logger: logger)
    }

    let concurrency = 32

    func deliver(_ item: OutboxItem) async -> DeliveryOutcome {
        guard let item = document.shown(item) else { return .withheld }
        let topic = AlertTopic(prefix: target.prefix, request: item.request)
        var messages = [
            AlertThread.Message(topic: topic.state, payload: document.state(item.request), isRetained: true),
            AlertThread.Message(topic: topic.events, payload: document.change(item), isRetained: false),
        ]
        let earlier: String?
        do {
            earlier = try await reader.outboxTopic(item.destination, requestID: item.requestID)
        } catch {
            return .postponed(ms: 5_000, "the store can't be read: \(error)")
        }
        if let earlier, earlier != topic.state { messages.append(Self.clearing(earlier)) }
        do throws(AlertThread.Failure) {
            try await thread.publish(messages)
        } catch {
            return error.isForGood ? .refused(error.reason) : .failed(error.reason)
        }
        let isClosed = item.request.status == .closed
        return .delivered([
            .retained(
                destination: item.destination, topic: RetainedTopic(requestID: item.requestID, topic: topic.state),
                clearAtMs: isClosed ? nowMs() + target.clearsAfter.milliseconds : nil)
        ])
    }

    /// Clears the states of requests that closed a while ago.
    func tidy(_ destination: Int64) async throws -> [OutboxChange] {
        let stale = try await reader.outboxStaleTopics(destination, nowMs: nowMs(), limit: 100)
        guard !stale.isEmpty else { return [] }
        try await thread.publish(stale.map { Self.clearing($0.topic) })
        return stale.map { .cleared(destination: destination, requestID: $0.requestID) }
    }

    func close() async { await thread.close() }

    /// An empty retained message takes away what the topic holds.
    private static func clearing(_ topic: String) -> AlertThread.Message {
        AlertThread.Message(topic: topic, payload: [], isRetained: true)
    }
}
