internal import IssueStorage

/// Tells a web server about each change.
///
/// A call that may have arrived is made again, with the same `Idempotency-Key`: a receiver that keeps the keys of a few days
/// sees each change once.
struct WebhookChannel: DeliveryChannel {
    let target: WebhookTarget
    let document: RequestDocument
    let nowMs: @Sendable () -> Int64
    private let caller: HTTPCaller

    init(_ target: WebhookTarget, document: RequestDocument, nowMs: @escaping @Sendable () -> Int64) {
        self.target = target
        self.document = document
        self.nowMs = nowMs
        caller = HTTPCaller(
            limit: target.limit, authorityFile: target.authorityFile, connections: target.concurrency)
    }

    var concurrency: Int { target.concurrency }

    func deliver(_ item: OutboxItem) async -> DeliveryOutcome {
        guard let item = document.shown(item) else { return .withheld }
        let call = WebhookCall(
            url: target.url, secret: target.secret, key: document.reference.key(of: item),
            event: RequestDocument.event(of: item))
        return await call.make(document.change(item), over: caller, nowMs: nowMs())
    }

    func close() async { await caller.close() }
}
