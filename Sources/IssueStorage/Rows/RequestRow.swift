internal import FoundationEssentials
package import GRDB
package import Open311

/// How a service request stands in table `request`.
package enum RequestRow {
    /// Returns the id of the row: the first id that the incident got, whatever a replay calls it.
    static let upsertSQL = upsert(
        into: "request",
        columns: [
            "id", "incident_key", "service", "status", "status_notes", "title", "description", "notice",
            "requested_at", "updated_at", "expected_at", "address", "latitude", "longitude", "ward", "severity",
            "first_seen", "last_seen", "cleared_at", "detector", "detector_version", "sensor_id", "sensor_count",
            "observed", "expected", "threshold", "score", "unit", "forecast_at", "related_id",
        ] + civicColumns,
        // What the store itself has found and counted is not the pipeline's to change.
        key: "incident_key", keeping: ["id", "incident_key", "evidence_from", "evidence_samples"], returning: "id")

    private static let civicColumns = [
        "origin", "agency", "address_id", "media_url", "attributes", "parent_id", "people_count", "verdict", "word",
        "confidence", "estimate", "estimate_value", "estimate_low", "estimate_high", "forecast_low", "forecast_high",
        "evidence_from", "evidence_to", "evidence_samples", "asset_id", "asset_type", "location_method", "radius_m",
        "acknowledged_at", "first_reported_at", "token",
    ]

    static func arguments(_ request: ServiceRequest) -> StatementArguments {
        let head: StatementArguments = [
            request.id, request.incidentKey, request.service.rawValue, request.status.rawValue, request.statusNotes,
            request.title, request.description, request.notice, request.requestedAtMs, request.updatedAtMs,
            request.expectedAtMs, request.address, request.latitude, request.longitude, request.ward,
            request.severity, request.firstSeenMs, request.lastSeenMs, request.clearedAtMs,
        ]
        let measured: StatementArguments = [
            request.detector, request.detectorVersion, request.sensorID, request.sensorCount, request.observed,
            request.expected, request.threshold, request.score, request.unit, request.forecastAtMs, request.relatedID,
        ]
        return head + measured + civicArguments(request)
    }

    private static func civicArguments(_ request: ServiceRequest) -> StatementArguments {
        let people: StatementArguments = [
            request.origin.rawValue, request.agency, request.addressID, request.mediaURL, text(request.attributes),
            request.parentID, request.peopleCount, request.verdict.rawValue, request.word.rawValue,
        ]
        let evidence: StatementArguments = [
            request.confidence, request.estimate?.name, request.estimate?.value, request.estimate?.low,
            request.estimate?.high, request.forecastLowMs, request.forecastHighMs, request.evidenceFromMs,
            request.evidenceToMs, request.evidenceSamples,
        ]
        return people + evidence + [
            request.assetID, request.assetType, request.locationMethod?.rawValue, request.radiusM,
            request.acknowledgedAtMs, request.firstReportedAtMs, request.token,
        ]
    }

    package static func request(_ row: Row) throws -> ServiceRequest {
        let (service, status): (String, String) = (row["service"], row["status"])
        var request = ServiceRequest(
            id: row["id"], service: try known(ServiceCode(rawValue: service), "request", "service", service),
            incidentKey: row["incident_key"], requestedAtMs: row["requested_at"])
        request.status = try known(ServiceRequest.Status(rawValue: status), "request", "status", status)
        request.statusNotes = row["status_notes"]
        request.title = row["title"]
        request.description = row["description"]
        request.notice = row["notice"]
        request.updatedAtMs = row["updated_at"]
        request.expectedAtMs = row["expected_at"]
        request.address = row["address"]
        request.latitude = row["latitude"]
        request.longitude = row["longitude"]
        request.ward = row["ward"]
        request.severity = row["severity"]
        request.firstSeenMs = row["first_seen"]
        request.lastSeenMs = row["last_seen"]
        request.clearedAtMs = row["cleared_at"]
        request.detector = row["detector"]
        request.detectorVersion = row["detector_version"]
        request.sensorID = row["sensor_id"]
        request.sensorCount = row["sensor_count"]
        request.observed = statistic(row["observed"])
        request.expected = statistic(row["expected"])
        request.threshold = statistic(row["threshold"])
        request.score = statistic(row["score"])
        request.unit = row["unit"]
        request.forecastAtMs = row["forecast_at"]
        request.relatedID = row["related_id"]
        try readCivic(row, into: &request)
        return request
    }

    private static func readCivic(_ row: Row, into request: inout ServiceRequest) throws {
        let (origin, verdict, word): (String, String, String) = (row["origin"], row["verdict"], row["word"])
        request.origin = try known(ServiceRequest.Origin(rawValue: origin), "request", "origin", origin)
        request.verdict = try known(StaffVerdict(rawValue: verdict), "request", "verdict", verdict)
        request.word = try known(UpdateWord(rawValue: word), "request", "word", word)
        request.agency = row["agency"]
        request.addressID = row["address_id"]
        request.mediaURL = row["media_url"]
        request.attributes = try attributes(row["attributes"])
        request.parentID = row["parent_id"]
        request.peopleCount = row["people_count"]
        request.confidence = row["confidence"]
        if let name: String = row["estimate"] {
            request.estimate = Estimate(
                name: name, value: statistic(row["estimate_value"]), low: statistic(row["estimate_low"]),
                high: statistic(row["estimate_high"]))
        }
        request.forecastLowMs = row["forecast_low"]
        request.forecastHighMs = row["forecast_high"]
        request.evidenceFromMs = row["evidence_from"]
        request.evidenceToMs = row["evidence_to"]
        request.evidenceSamples = row["evidence_samples"]
        request.assetID = row["asset_id"]
        request.assetType = row["asset_type"]
        if let method: String = row["location_method"] {
            request.locationMethod = try known(
                ServiceRequest.LocationMethod(rawValue: method), "request", "location_method", method)
        }
        request.radiusM = row["radius_m"]
        request.acknowledgedAtMs = row["acknowledged_at"]
        request.firstReportedAtMs = row["first_reported_at"]
        request.token = row["token"]
    }

    /// What was answered to a service's questions, as JSON; nil when there is nothing.
    private static func text(_ attributes: [SubmittedAttribute]) -> String? {
        guard !attributes.isEmpty, let json = try? JSONEncoder().encode(attributes) else { return nil }
        return String(decoding: json, as: UTF8.self)
    }

    private static func attributes(_ text: String?) throws -> [SubmittedAttribute] {
        guard let text else { return [] }
        let read = try? JSONDecoder().decode([SubmittedAttribute].self, from: Data(text.utf8))
        return try known(read, "request", "attributes", text)
    }
}

/// SQLite keeps a NaN as NULL.
func statistic(_ value: Double?) -> Double { value ?? .nan }
