/// One service request: the GeoReport v2 fields, and what Sluice adds to them under `extended_attributes`.
///
/// Times are milliseconds since the Unix epoch.
public struct ServiceRequest: Sendable, Equatable {
    public enum Status: String, Sendable, CaseIterable { case open, closed }

    /// `service_request_id`: a positive number, written in decimal.
    public var id: Int64
    public var service: ServiceCode
    public var status: Status
    /// `status_notes`: one sentence, why the status is what it is.
    public var statusNotes: String
    /// A line; `title` is FixMyStreet's extension.
    public var title: String
    /// Plain text for residents, at most 4,000 characters.
    public var description: String
    /// `service_notice`: what happens next.
    public var notice: String
    /// `requested_datetime`: when it was raised.
    public var requestedAtMs: Int64
    /// `updated_datetime`: the last public change; when closed, the closing.
    public var updatedAtMs: Int64
    /// `expected_datetime`, or nil.
    public var expectedAtMs: Int64?
    public var address: String?
    /// `lat`, `long` in WGS 84 degrees, or nil when no sensor of it has a position.
    public var latitude: Double?
    public var longitude: Double?

    // What follows travels as extended attributes.

    /// The deterministic key of the incident: under a unique index, so that one incident has one request.
    public var incidentKey: String
    public var ward: String?
    /// 1 (look at it some day) to 4 (at once).
    public var severity: Int
    /// When, in event time, what it is about began and was last seen.
    public var firstSeenMs: Int64
    public var lastSeenMs: Int64
    public var clearedAtMs: Int64?
    /// The rule's name and version that opened it.
    public var detector: String
    public var detectorVersion: Int
    /// Id of the sensor that was first, and how many agree.
    public var sensorID: String
    public var sensorCount: Int
    /// What was measured, what was expected and where the threshold lay, in ``unit``.
    public var observed: Double
    public var expected: Double
    public var threshold: Double
    public var score: Double
    public var unit: String
    /// When the trouble is forecast to come, for rules that forecast.
    public var forecastAtMs: Int64?
    /// An earlier request that this is a recurrence of.
    public var relatedID: Int64?

    public init(id: Int64, service: ServiceCode, incidentKey: String, requestedAtMs: Int64) {
        self.id = id
        self.service = service
        status = .open
        statusNotes = ""
        title = ""
        description = ""
        notice = ""
        self.requestedAtMs = requestedAtMs
        updatedAtMs = requestedAtMs
        self.incidentKey = incidentKey
        severity = 2
        firstSeenMs = requestedAtMs
        lastSeenMs = requestedAtMs
        detector = ""
        detectorVersion = 1
        sensorID = ""
        sensorCount = 1
        observed = 0
        expected = 0
        threshold = 0
        score = 0
        unit = ""
    }
}
