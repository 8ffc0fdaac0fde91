public import Open311

/// One thing for the live stream, published after its transaction committed.
public enum LiveEvent: Sendable {
    /// Event name `decision`.
    case decision(LiveDecision)
    /// Event name `request`: its data is the document of `requests/ID.json?extensions=true`, without notes.
    case request(ServiceRequest)

    var name: String {
        switch self {
        case .decision: "decision"
        case .request: "request"
        }
    }

    /// nil: not for the public.
    func document(for view: PublicView) -> GeoReportDocument? {
        switch self {
        case .decision(let decision): decision.document
        case .request(let request):
            view.catalog.named(request.service).visibility == .hidden
                ? nil : .requests([request], updates: [:], for: view)
        }
    }
}

/// A decision, as the live stream tells it.
public struct LiveDecision: Sendable, Equatable {
    /// Stable event name, like `request.opened`.
    public var event: String
    public var atMs: Int64
    public var sensorID: String
    public var rule: String?
    public var requestID: Int64?
    /// One sentence, why.
    public var reason: String

    public init(
        event: String, atMs: Int64, sensorID: String, rule: String? = nil, requestID: Int64? = nil, reason: String
    ) {
        self.event = event
        self.atMs = atMs
        self.sensorID = sensorID
        self.rule = rule
        self.requestID = requestID
        self.reason = reason
    }

    var document: GeoReportDocument {
        GeoReportDocument(
            root: "decision",
            content: .fields([
                .init("event", .text(event)),
                .init("datetime", .time(ms: atMs)),
                .init("sensor_id", .text(sensorID)),
                .init("rule", rule.map { .text($0) } ?? .absent),
                .init("service_request_id", requestID.map { .text(String($0)) } ?? .absent),
                .init("reason", .text(reason)),
            ]))
    }
}
