import Open311

/// 2026-11-21T20:34:05.678Z
let sampleMs: Int64 = 1_795_293_245_678

extension ServiceRequest {
    /// Only what the initialiser asks for: everything else absent.
    static let bare = ServiceRequest(id: 7, service: .binFull, incidentKey: "k", requestedAtMs: sampleMs)

    /// Every field set.
    static let full: ServiceRequest = {
        var request = ServiceRequest(id: 12, service: .waterLeak, incidentKey: "k", requestedAtMs: sampleMs)
        request.status = .closed
        request.statusNotes = "Cleared: under 4 L/min for 30 min"
        request.title = "Likely leak"
        request.description = "Night flow"
        request.notice = "A crew looks at it"
        request.updatedAtMs = sampleMs + 60_000
        request.expectedAtMs = sampleMs + 3_600_000
        request.address = "10 Broad Street"
        request.latitude = 52.5
        request.longitude = -1.75
        request.ward = "Ladywood"
        request.severity = 3
        request.firstSeenMs = sampleMs - 60_000
        request.lastSeenMs = sampleMs
        request.clearedAtMs = sampleMs + 30_000
        request.detector = "night_flow"
        request.detectorVersion = 2
        request.sensorID = "urn:dev:1"
        request.sensorCount = 3
        request.observed = 42
        request.expected = 4.5
        request.threshold = 9
        request.score = 7.25
        request.unit = "L/min"
        request.forecastAtMs = sampleMs + 7_200_000
        request.relatedID = 5
        return request
    }()
}
