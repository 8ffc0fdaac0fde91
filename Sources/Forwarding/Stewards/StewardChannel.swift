internal import IssueStorage
internal import Logging

/// Tells the stewards of assets about requests on what they look after: the bin that will be full tomorrow, the shelter that
/// needs care. Each in his own way: by a signed webhook, or on an MQTT topic.
struct StewardChannel: DeliveryChannel {
    let target: StewardTarget
    let document: RequestDocument
    let reader: IssueReader
    let nowMs: @Sendable () -> Int64
    private let caller: HTTPCaller
    private let thread: AlertThread?

    init(
        _ target: StewardTarget, document: RequestDocument, reader: IssueReader,
        nowMs: @escaping @Sendable () -> Int64, logger: Logger
    ) {
        self.target = target
        self.document = document
        self.reader = reader
        self.nowMs = nowMs
        caller = HTTPCaller(limit: target.limit, connections: concurrency)
        thread = target.alerts.map { AlertThread($0.session, limit: $0.limit, logger: logger) }
    }

    let concurrency = 8

    func deliver(_ item: OutboxItem) async -> DeliveryOutcome {
        guard let shown = document.shown(item) else { return .withheld }
        let steward: Steward
        do {
            // He may have given it up since.
            guard let found = try await reader.steward(of: item.request) else { return .withheld }
            steward = found
        } catch {
            return .postponed(ms: 5_000, "the store can't be read: \(error)")
        }
        let body = document.change(shown, for: steward)
        switch steward.means {
        case .webhook:
            let call = WebhookCall(
                url: steward.contact, secret: target.secret, key: document.reference.key(of: shown),
                event: RequestDocument.event(of: item))
            return Self.forOneAlone(await call.make(body, over: caller, nowMs: nowMs()))
        case .mqtt:
            guard let thread else { return .refused("the steward is told over MQTT, and no broker is configured") }
            do throws(AlertThread.Failure) {
                try await thread.publish([.init(topic: steward.contact, payload: body, isRetained: false)])
                return .delivered()
            } catch {
                return error.isForGood ? .refused(error.reason) : Self.forOneAlone(.failed(error.reason))
            }
        case .email:
            return .refused("the steward is told by e-mail, which this daemon does not send; give a webhook or a topic")
        }
    }

    /// One steward's server, or the broker, that is down says nothing about the others'.
    private static func forOneAlone(_ outcome: DeliveryOutcome) -> DeliveryOutcome {
        var outcome = outcome
        outcome.isDestinationDown = false
        return outcome
    }

    func close() async {
        await caller.close()
        await thread?.close()
    }
}
