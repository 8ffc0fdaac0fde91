internal import GRDB
internal import Open311

/// How a service request stands in table `request`, and its history in `request_update`.
enum RequestRow {
    /// Returns the id of the row: the first id that the incident got, whatever a replay calls it.
    static let upsertSQL = upsert(
        into: "request",
        columns: [
            "id", "incident_key", "service", "status", "status_notes", "title", "description", "notice",
            "requested_at", "updated_at", "expected_at", "address", "latitude", "longitude", "ward", "severity",
            "first_seen", "last_seen", "cleared_at", "detector", "detector_version", "sensor_id", "sensor_count",
            "observed", "expected", "threshold", "score", "unit", "forecast_at", "related_id",
        ],
        key: "incident_key", keeping: ["id", "incident_key"], returning: "id")

    static func arguments(_ request: ServiceRequest) -> StatementArguments {
        let head: StatementArguments = [
            request.id, request.incidentKey, request.service.rawValue, request.status.rawValue, request.statusNotes,
            request.title, request.description, request.notice, request.requestedAtMs, request.updatedAtMs,
            request.expectedAtMs, request.address, request.latitude, request.longitude, request.ward,
            request.severity, request.firstSeenMs, request.lastSeenMs, request.clearedAtMs,
        ]
        return head + [
            request.detector, request.detectorVersion, request.sensorID, request.sensorCount, request.observed,
            request.expected, request.threshold, request.score, request.unit, request.forecastAtMs, request.relatedID,
        ]
    }

    static func request(_ row: Row) throws -> ServiceRequest {
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
        return request
    }

    static let updateUpsertSQL = upsert(
        into: "request_update", columns: ["request_id", "number", "at", "status", "text"], key: "request_id, number",
        keeping: ["request_id", "number"])

    static func arguments(_ update: RequestUpdate) -> StatementArguments {
        [update.requestID, update.number, update.atMs, update.status.rawValue, update.text]
    }

    static func update(_ row: Row) throws -> RequestUpdate {
        let status: String = row["status"]
        return RequestUpdate(
            requestID: row["request_id"], number: row["number"], atMs: row["at"],
            status: try known(ServiceRequest.Status(rawValue: status), "request_update", "status", status),
            text: row["text"])
    }
}

/// SQLite keeps a NaN as NULL.
func statistic(_ value: Double?) -> Double { value ?? .nan }
