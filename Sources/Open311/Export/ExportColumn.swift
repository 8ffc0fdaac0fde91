/// A column of the open-data exports. The list is a promise: names and meanings stay, new columns are added at the end.
public enum ExportColumn: String, Sendable, CaseIterable {
    case id = "service_request_id"
    case status, word
    case serviceCode = "service_code"
    case serviceName = "service_name"
    case title, description
    case statusNotes = "status_notes"
    case agency = "agency_responsible"
    case requested = "requested_datetime"
    case updated = "updated_datetime"
    case expected = "expected_datetime"
    case acknowledged = "acknowledged_datetime"
    case firstReported = "first_reported_datetime"
    case closed = "closed_datetime"
    case address, ward
    case latitude = "lat"
    case longitude = "long"
    case severity, origin, sensors, people, verdict, detector
    case detectorVersion = "detector_version"
    case confidence
    case estimateName = "estimate_name"
    case estimate
    case estimateLow = "estimate_low"
    case estimateHigh = "estimate_high"
    case parent = "parent_service_request_id"
    case assetID = "asset_id"
    case assetType = "asset_type"
    case mediaURL = "media_url"

    /// What stands in it, for people.
    public var meaning: String {
        switch self {
        case .id: "The request's number, as text: for programs it means nothing but itself."
        case .status: "open or closed."
        case .word: "The last public status word, finer than status: open, investigating, fixed, duplicate and so on."
        case .serviceCode: "Code of the service; GET services lists them."
        case .serviceName: "Its name."
        case .title: "One line."
        case .description: "What was found, in plain words."
        case .statusNotes: "Why the status is what it is."
        case .agency: "Who deals with it."
        case .requested: "When the request was raised."
        case .updated: "The last public change."
        case .expected: "By when it is to be dealt with."
        case .acknowledged: "The first thing that staff did with it."
        case .firstReported: "When a person first reported it, before or after a sensor raised it."
        case .closed: "When it was closed; empty while it is open, also when it was reopened."
        case .address: "Where, in words."
        case .ward: "The ward it lies in."
        case .latitude: "WGS 84 degrees north."
        case .longitude: "WGS 84 degrees east."
        case .severity: "1 (look at it some day) to 4 (at once)."
        case .origin: "sensor or person: who raised it."
        case .sensors: "How many sensors agree."
        case .people: "How many people reported it."
        case .verdict: "What staff found: unreviewed, confirmed, false_alarm or fixed."
        case .detector: "The rule that raised it; empty for a person's report."
        case .detectorVersion: "Its version."
        case .confidence: "How likely it is real, 0 to 1."
        case .estimateName: "What the estimate is of, such as litres_per_hour."
        case .estimate: "The estimate."
        case .estimateLow: "Lower end of its 90 % interval."
        case .estimateHigh: "Upper end of its 90 % interval."
        case .parent: "The request that it is a duplicate or a part of."
        case .assetID: "The thing that it is about."
        case .assetType: "What sort of thing that is."
        case .mediaURL: "A picture."
        }
    }

    /// How it is typed in GeoJSON and NDJSON.
    public var type: String {
        switch self {
        case .requested, .updated, .expected, .acknowledged, .firstReported, .closed: "date and time, UTC"
        case .severity, .sensors, .people, .detectorVersion: "integer"
        case .latitude, .longitude, .confidence, .estimate, .estimateLow, .estimateHigh: "number"
        default: "text"
        }
    }

    /// What stands in it for a request that has been through ``Disclosure/request(_:)``.
    func value(of exported: ExportedRequest, _ view: PublicView) -> GeoReportDocument.Node {
        let request = exported.request
        return switch self {
        case .id: .text(String(request.id))
        case .status: .text(request.status.rawValue)
        case .word: .text(request.word.rawValue)
        case .serviceCode: .text(request.service.rawValue)
        case .serviceName: .text(view.catalog.named(request.service).name)
        case .title: .text(ifAny: request.title)
        case .description: .text(ifAny: request.description)
        case .statusNotes: .text(ifAny: request.statusNotes)
        case .agency: .text(ifAny: request.agency ?? view.catalog.named(request.service).agency)
        case .requested: .time(ms: request.requestedAtMs)
        case .updated: .time(ms: request.updatedAtMs)
        case .expected: .time(ifAny: request.expectedAtMs)
        case .acknowledged: .time(ifAny: request.acknowledgedAtMs)
        case .firstReported: .time(ifAny: request.firstReportedAtMs)
        case .closed: .time(ifAny: exported.closedAtMs)
        case .address: .text(ifAny: request.address)
        case .ward: .text(ifAny: request.ward)
        case .latitude: .number(ifAny: request.latitude)
        case .longitude: .number(ifAny: request.longitude)
        case .severity: .integer(Int64(request.severity))
        case .origin: .text(request.origin.rawValue)
        case .sensors: .integer(Int64(request.sensorCount))
        case .people: .integer(Int64(request.peopleCount))
        case .verdict: .text(request.verdict.rawValue)
        case .detector: .text(ifAny: request.detector)
        case .detectorVersion: request.detector.isEmpty ? .absent : .integer(Int64(request.detectorVersion))
        case .confidence: .number(ifAny: request.confidence)
        case .estimateName: .text(ifAny: request.estimate?.name)
        case .estimate: .number(ifAny: request.estimate?.value)
        case .estimateLow: .number(ifAny: request.estimate?.low)
        case .estimateHigh: .number(ifAny: request.estimate?.high)
        case .parent: .text(ifAny: request.parentID.map { String($0) })
        case .assetID: .text(ifAny: request.assetID)
        case .assetType: .text(ifAny: request.assetType)
        case .mediaURL: .text(ifAny: view.url(request.mediaURL))
        }
    }
}
