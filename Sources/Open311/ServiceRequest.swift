/// One service request: the GeoReport v2 fields, and what Sluice adds to them under `extended_attributes`.
///
/// Times are milliseconds since the Unix epoch.
public struct ServiceRequest: Sendable, Equatable, Codable {
    public enum Status: String, Sendable, CaseIterable, Codable { case open, closed }

    /// Who raised it.
    public enum Origin: String, Sendable, CaseIterable, Codable { case sensor, person }

    /// How its position is known.
    public enum LocationMethod: String, Sendable, CaseIterable, Codable {
        /// The sensor's own.
        case sensor
        /// Somewhere on a segment or in a zone that sensors watch.
        case segment
        /// Reckoned from several sensors.
        case triangulated
        /// As a person said.
        case reported
    }

    /// `service_request_id`: a positive number, written in decimal.
    public var id: Int64
    public var service: ServiceCode
    public var status: Status
    /// The last public status word, finer than ``status``.
    public var word = UpdateWord.open
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
    /// `address_id`: a gazetteer's number for the address.
    public var addressID: String?
    /// `agency_responsible`; nil: the service's.
    public var agency: String?
    /// `media_url`: a web address, or a path of this server.
    public var mediaURL: String?
    /// What the reporter answered to the service's questions.
    public var attributes: [SubmittedAttribute] = []

    // What follows travels as extended attributes.

    public var origin = Origin.sensor
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
    /// The ends of the forecast moment's 90 % interval.
    public var forecastLowMs: Int64?
    public var forecastHighMs: Int64?
    /// An earlier request that this is a recurrence of.
    public var relatedID: Int64?
    /// The request that this is a duplicate or a part of.
    public var parentID: Int64?
    /// How many people reported it.
    public var peopleCount = 0
    public var verdict = StaffVerdict.unreviewed
    /// How sure the rules are that it is real, 0 to 1; nil: not reckoned.
    public var confidence: Double?
    public var estimate: Estimate?
    /// The window of readings that speak for it: from where the rule looks, and once they are counted, from the first there is.
    public var evidenceFromMs: Int64?
    public var evidenceToMs: Int64?
    /// How many readings are kept with it as its evidence; nil until the store has counted them, a moment after each step.
    public var evidenceSamples: Int?
    /// The thing that it is about, and what sort of thing that is (a URI).
    public var assetID: String?
    public var assetType: String?
    public var locationMethod: LocationMethod?
    /// The position may be off by so many metres.
    public var radiusM: Double?
    /// The first thing that staff did with it.
    public var acknowledgedAtMs: Int64?
    /// The first person's report of it.
    public var firstReportedAtMs: Int64?
    /// What its reporter was given to ask with, where the service doesn't number at once.
    public var token: String?

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

extension ServiceRequest {
    /// Incident keys of what people reported begin so; a number follows.
    public static let reportKeyPrefix = "person/"

    /// In the incident key of another department's share of a request, behind the key of the whole.
    public static let shareMark = "/for/"

    /// Whether it is another department's share of its parent: trouble of its own, and no duplicate.
    public var isShare: Bool { parentID != nil && incidentKey.contains(Self.shareMark) }

    /// Whether it tells of the same trouble as another request.
    public var isDuplicate: Bool { !isShare && (parentID != nil || word == .duplicate) }
}
