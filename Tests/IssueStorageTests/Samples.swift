import Detection
import Incidents
import Open311
import Readings

/// 2026-06-01 00:00:00 UTC.
let midnightMs: Int64 = 1_780_272_000_000

func reading(
    _ sequence: Int64, sensor: UInt32 = 0, atMs: Int64? = nil, value: Double = 1, counter: Int32 = -1,
    flags: ReadingFlags = []
) -> LoggedReading {
    let observedAtMs = atMs ?? midnightMs + sequence * 1000
    return LoggedReading(
        sequence: sequence,
        reading: Reading(
            sensor: SensorIndex(rawValue: sensor), quantity: .flow, observedAtMs: observedAtMs,
            arrivedAtMs: observedAtMs + 400, value: value, counter: counter, flags: flags))
}

func newSensor(_ sequence: Int64, number: UInt32 = 0, id: String = "meter-1") -> CommitBatch.NewSensor {
    CommitBatch.NewSensor(
        sequence: sequence, index: SensorIndex(rawValue: number), sensor: Sensor(id: id, kind: .waterLeak))
}

func request(
    _ id: Int64, key: String? = nil, service: ServiceCode = .waterLeak, status: ServiceRequest.Status = .open,
    atMs: Int64 = midnightMs
) -> ServiceRequest {
    var request = ServiceRequest(id: id, service: service, incidentKey: key ?? "key-\(id)", requestedAtMs: atMs)
    request.status = status
    return request
}

/// A request with something in every field.
func fullRequest(_ id: Int64, related: Int64) -> ServiceRequest {
    var request = request(id, service: .binFull, status: .closed)
    request.statusNotes = "Cleared: below 40 % for 30 min; closed automatically"
    request.title = "Bin near “Café Größe” 🗑"
    request.description = "It’s full; DROP TABLE request;--"
    request.notice = "A crew comes."
    request.updatedAtMs = midnightMs + 1
    request.expectedAtMs = midnightMs + 2
    request.address = "1 High Street"
    request.latitude = 51.501
    request.longitude = -0.1246
    request.ward = "Abbey"
    request.severity = 4
    request.firstSeenMs = midnightMs - 5
    request.lastSeenMs = midnightMs - 4
    request.clearedAtMs = midnightMs - 3
    request.detector = "bin-full"
    request.detectorVersion = 3
    request.sensorID = "urn:bin:7"
    request.sensorCount = 2
    request.observed = 97.25
    request.expected = 40
    request.threshold = 85.5
    request.score = 3.75
    request.unit = "%"
    request.forecastAtMs = midnightMs + 9
    request.relatedID = related
    request.origin = .person
    request.agency = "Water & “Sewers”"
    request.addressID = "addr-7"
    request.mediaURL = "/media/photos/x.jpg"
    request.attributes = [
        SubmittedAttribute(code: "depth", values: ["10 cm"]), SubmittedAttribute(code: "what", values: ["a", "b"]),
    ]
    request.parentID = related
    request.peopleCount = 3
    request.verdict = .falseAlarm
    request.word = .noFurtherAction
    request.confidence = 0.875
    request.estimate = Estimate(name: "litres_per_hour", value: 100.5, low: 50.25, high: 200.125)
    request.forecastLowMs = midnightMs + 8
    request.forecastHighMs = midnightMs + 10
    request.evidenceFromMs = midnightMs - 100
    request.evidenceToMs = midnightMs - 1
    request.evidenceSamples = 192
    request.assetID = "hydrant-3"
    request.assetType = "urn:hydrant"
    request.locationMethod = .triangulated
    request.radiusM = 12.5
    request.acknowledgedAtMs = midnightMs + 11
    request.firstReportedAtMs = midnightMs + 12
    request.token = "tok-1"
    return request
}

func incident(_ key: String, request: Int64?, state: IncidentRecord.State = .firing) -> IncidentRecord {
    let peak = Verdict(
        rule: .burst, condition: .critical, quantity: .flow, observedAtMs: midnightMs, onsetMs: midnightMs - 60_000,
        score: 7.5, observed: 120.25, expected: 30, threshold: 60, forecastMs: 0)
    var incident = IncidentRecord(
        key: key, sensor: SensorIndex(rawValue: 0), rule: .burst, ruleVersion: 2, state: state,
        pendingSinceMs: midnightMs - 50_000, peak: peak)
    incident.firingSinceMs = midnightMs
    incident.requestID = request
    return incident
}

func quarantined(_ reason: QuarantineReason, topic: String = "city/x") -> QuarantinedMessage {
    QuarantinedMessage(
        reason: reason, arrivedAtMs: midnightMs, topic: Array(topic.utf8), detail: "value: must be a number",
        payload: [0x7B, 0x00, 0xFF], payloadBytes: 3)
}
