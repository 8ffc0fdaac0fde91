internal import FoundationEssentials
package import GRDB
package import Open311

/// How a service request stands in table `request`.
package enum RequestRow {
    /// What ``request(_:)`` reads, in its order.
    package static let columns = (ownColumns + civicColumns).joined(separator: ", ")

    /// Returns the id of the row: the first id that the incident got, whatever a replay calls it.
    static let upsertSQL = upsert(
        into: "request", columns: ownColumns + civicColumns,
        // What the store itself has found and counted is not the pipeline's to change.
        key: "incident_key", keeping: ["id", "incident_key", "evidence_from", "evidence_samples"], returning: "id")

    private static let ownColumns = [
        "id", "incident_key", "service", "status", "status_notes", "title", "description", "notice", "requested_at",
        "updated_at", "expected_at", "address", "latitude", "longitude", "ward", "severity", "first_seen", "last_seen",
        "cleared_at", "detector", "detector_version", "sensor_id", "sensor_count", "observed", "expected", "threshold",
        "score", "unit", "forecast_at", "related_id",
    ]

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

    /// Of a row that begins with ``columns``.
    package static func request(_ row: Row) throws -> ServiceRequest {
        var cells = RowCells(row)
        let (id, key, service, status): (Int64, String, String, String) = (
            cells.next(), cells.next(), cells.next(), cells.next()
        )
        var request = ServiceRequest(
            id: id, service: try known(ServiceCode(rawValue: service), "request", "service", service),
            incidentKey: key, requestedAtMs: 0)
        request.status = try known(ServiceRequest.Status(rawValue: status), "request", "status", status)
        request.statusNotes = cells.next()
        request.title = cells.next()
        request.description = cells.next()
        request.notice = cells.next()
        request.requestedAtMs = cells.next()
        request.updatedAtMs = cells.next()
        request.expectedAtMs = cells.next()
        request.address = cells.next()
        request.latitude = cells.next()
        request.longitude = cells.next()
        request.ward = cells.next()
        request.severity = cells.next()
        request.firstSeenMs = cells.next()
        request.lastSeenMs = cells.next()
        request.clearedAtMs = cells.next()
        request.detector = cells.next()
        request.detectorVersion = cells.next()
        request.sensorID = cells.next()
        request.sensorCount = cells.next()
        request.observed = statistic(cells.next())
        request.expected = statistic(cells.next())
        request.threshold = statistic(cells.next())
        request.score = statistic(cells.next())
        request.unit = cells.next()
        request.forecastAtMs = cells.next()
        request.relatedID = cells.next()
        try readCivic(&cells, into: &request)
        return request
    }

    private static func readCivic(_ cells: inout RowCells, into request: inout ServiceRequest) throws {
        let origin: String = cells.next()
        request.origin = try known(ServiceRequest.Origin(rawValue: origin), "request", "origin", origin)
        request.agency = cells.next()
        request.addressID = cells.next()
        request.mediaURL = cells.next()
        request.attributes = try attributes(cells.next())
        request.parentID = cells.next()
        request.peopleCount = cells.next()
        let (verdict, word): (String, String) = (cells.next(), cells.next())
        request.verdict = try known(StaffVerdict(rawValue: verdict), "request", "verdict", verdict)
        request.word = try known(UpdateWord(rawValue: word), "request", "word", word)
        request.confidence = cells.next()
        request.estimate = estimate(cells.next(), cells.next(), cells.next(), cells.next())
        request.forecastLowMs = cells.next()
        request.forecastHighMs = cells.next()
        request.evidenceFromMs = cells.next()
        request.evidenceToMs = cells.next()
        request.evidenceSamples = cells.next()
        request.assetID = cells.next()
        request.assetType = cells.next()
        if let method: String = cells.next() {
            request.locationMethod = try known(
                ServiceRequest.LocationMethod(rawValue: method), "request", "location_method", method)
        }
        request.radiusM = cells.next()
        request.acknowledgedAtMs = cells.next()
        request.firstReportedAtMs = cells.next()
        request.token = cells.next()
    }

    private static func estimate(_ name: String?, _ value: Double?, _ low: Double?, _ high: Double?) -> Estimate? {
        name.map { Estimate(name: $0, value: statistic(value), low: statistic(low), high: statistic(high)) }
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
