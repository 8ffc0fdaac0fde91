public import Detection
public import Open311

/// One thing that Sluice decided, for the log and the live tail. A decision changes nothing: what it led to is beside it.
public struct Decision: Sendable, Equatable {
    /// Stable event names: operators filter by them.
    public enum Event: String, Sendable, CaseIterable {
        case incidentPending = "incident.pending"
        case incidentDismissed = "incident.dismissed"
        /// One sensor's signal has ended, and its request does not end with it: others go on, or staff closed it before.
        case incidentCleared = "incident.cleared"
        /// A signal raises nothing, because staff closed its request as a false alarm and it has not been quiet since.
        case incidentSuppressed = "incident.suppressed"
        case requestOpened = "request.opened"
        case requestJoined = "request.joined"
        case requestUpdated = "request.updated"
        case requestReopened = "request.reopened"
        case requestClosed = "request.closed"
        case sensorAdopted = "sensor.adopted"
        case sensorRefused = "sensor.refused"
        case sensorClockBack = "sensor.clock_back"
        case sensorShed = "sensor.shed"
        case readingLate = "reading.late"
        case readingClamped = "reading.clamped"
    }

    public var event: Event
    /// The daemon's time of the decision.
    public var atMs: Int64
    public var sensorID: String
    public var rule: Rule?
    public var requestID: Int64?
    /// The service that it concerns; nil for what is decided of a sensor alone.
    public var service: ServiceCode?
    /// The sensor's ward, by name.
    public var ward: String?
    /// How many of the same it stands for.
    public var count: Int
    /// One sentence, why.
    public var reason: String

    public init(
        _ event: Event, atMs: Int64, sensorID: String, rule: Rule? = nil, requestID: Int64? = nil,
        service: ServiceCode? = nil, ward: String? = nil, count: Int = 1, reason: String
    ) {
        self.event = event
        self.atMs = atMs
        self.sensorID = sensorID
        self.rule = rule
        self.requestID = requestID
        self.service = service ?? rule?.service
        self.ward = ward
        self.count = count
        self.reason = reason
    }
}
