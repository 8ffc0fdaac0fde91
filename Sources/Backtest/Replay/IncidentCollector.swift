internal import Detection
internal import Incidents
internal import Open311
internal import Readings

/// Follows the incidents that come out of the pipeline, from record to record.
struct IncidentCollector {
    private struct Key: Hashable {
        var sensor: SensorIndex
        var requestID: Int64
        /// What was tipped into a bin shares the request of its filling, and is an incident of its own.
        var isLoad: Bool
    }

    /// What is open under one key.
    private struct Open {
        var rules: RuleSet
        /// Places in ``incidents`` and ``openings``.
        var incident: Int?
        var opening: Int?
    }

    /// In order of opening.
    private(set) var incidents: [DetectedIncident] = []
    private(set) var openings: [PreventiveOpening] = []
    private var open: [Key: Open] = [:]

    /// - Parameter atMs: when the pipeline came to know it.
    mutating func take(_ batch: CommitBatch, atMs: Int64, directory: SensorDirectory) {
        for record in batch.incidents {
            // A record without a request never came to fire.
            guard let requestID = record.requestID else { continue }
            let key = Key(sensor: record.sensor, requestID: requestID, isLoad: record.rule == .binDumping)
            switch record.state {
            case .firing: begin(record, key, atMs, directory[record.sensor])
            case .resolved: end(record, key, atMs)
            case .pending: break
            }
        }
    }

    private mutating func begin(_ record: IncidentRecord, _ key: Key, _ atMs: Int64, _ sensor: Sensor) {
        if let found = open[key] {
            open[key]?.rules.insert(RuleSet(record.rule))
            if found.incident == nil, record.rule != .binForecast { overflow(record, key, atMs, sensor) }
            return
        }
        var new = Open(rules: RuleSet(record.rule))
        if record.rule == .binForecast {
            new.opening = openings.count
            openings.append(
                PreventiveOpening(sensorID: sensor.id, openedAtMs: atMs, forecastMs: record.peak.forecastMs))
        } else {
            new.incident = incidents.count
            incidents.append(DetectedIncident(record, sensor, openedAtMs: atMs))
        }
        open[key] = new
    }

    private mutating func end(_ record: IncidentRecord, _ key: Key, _ atMs: Int64) {
        guard var found = open[key] else { return }
        found.rules.remove(RuleSet(record.rule))
        open[key] = found.rules.isEmpty ? nil : found
        guard found.rules.isEmpty else { return }
        if let number = found.incident { incidents[number].closedAtMs = atMs }
        guard let number = found.opening, openings[number].ending == nil else { return }
        (openings[number].ending, openings[number].endedAtMs) = (.prevented, atMs)
    }

    /// The bin that was forecast to be full is full: the preventive request has become the overflow's.
    private mutating func overflow(_ record: IncidentRecord, _ key: Key, _ atMs: Int64, _ sensor: Sensor) {
        guard let number = open[key]?.opening else { return }
        (openings[number].ending, openings[number].endedAtMs) = (.overflow, atMs)
        open[key]?.incident = incidents.count
        incidents.append(DetectedIncident(record, sensor, openedAtMs: atMs))
    }
}

extension DetectedIncident {
    fileprivate init(_ record: IncidentRecord, _ sensor: Sensor, openedAtMs: Int64) {
        let peak = record.peak
        self.init(
            sensorID: sensor.id, kind: sensor.kind, rule: record.rule, openedAtMs: openedAtMs,
            onsetMs: peak.onsetMs, score: peak.score, quantity: peak.quantity, observed: peak.observed,
            expected: peak.expected,
            confidence: peak.confidence(lastedMs: max(0, peak.observedAtMs - peak.onsetMs), sensors: 1))
    }
}
