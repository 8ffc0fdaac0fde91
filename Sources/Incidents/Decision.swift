public import Detection

/// One thing that Sluice decided, for the log and the live tail. A decision changes nothing: what it led to is beside it.
public struct Decision: Sendable, Equatable {
    /// Stable event names: operators filter by them.
    public enum Event: String, Sendable, CaseIterable {
        case incidentPending = "incident.pending"
        case incidentDismissed = "incident.dismissed"
        case requestOpened = "request.opened"
        case requestJoined = "request.joined"
        case requestUpdated = "request.updated"
        case requestReopened = "request.reopened"
        case requestClosed = "request.closed"
        case sensorAdopted = "sensor.adopted"
        case sensorRefused = "sensor.refused"
        case sensorClockBack = "sensor.clock_back"
        case sensorShed = "sensor.shed"
    }

    public var event: Event
    /// The daemon's time of the decision.
    public var atMs: Int64
    public var sensorID: String
    public var rule: Rule?
    public var requestID: Int64?
    /// One sentence, why.
    public var reason: String

    public init(
        _ event: Event, atMs: Int64, sensorID: String, rule: Rule? = nil, requestID: Int64? = nil, reason: String
    ) {
        self.event = event
        self.atMs = atMs
        self.sensorID = sensorID
        self.rule = rule
        self.requestID = requestID
        self.reason = reason
    }
}
