internal import Detection
internal import Incidents
internal import Open311
internal import Readings

/// Follows the incidents that come out of the pipeline, from record to record.
struct IncidentCollector {
    private struct Key: Hashable {
        var sensor: SensorIndex
        var requestID: Int64
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
    /// Bins with an open preventive request, by request.
    private var awaited: [Int64: Key] = [:]
    private let bin: BinParameters

    init(bin: BinParameters) { self.bin = bin }

    /// - Parameter atMs: when the pipeline came to know it.
    mutating func take(_ batch: CommitBatch, atMs: Int64, directory: SensorDirectory) {
        for record in batch.incidents {
            // A record without a request never came to fire.
            guard let requestID = record.requestID else { continue }
            let key = Key(sensor: record.sensor, requestID: requestID)
            switch record.state {
            case .firing: begin(record, key, atMs, directory[record.sensor])
            case .resolved: end(record, key, atMs)
            case .pending: break
            }
        }
        for request in batch.requests where !awaited.isEmpty {
            if let key = awaited[request.id] { follow(request, key, atMs, directory[key.sensor]) }
        }
    }

    private mutating func begin(_ record: IncidentRecord, _ key: Key, _ atMs: Int64, _ sensor: Sensor) {
        if open[key] != nil {
            open[key]?.rules.insert(RuleSet(record.rule))
            return
        }
        var new = Open(rules: RuleSet(record.rule))
        if record.isPreventive(bin) {
            new.opening = openings.count
            awaited[key.requestID] = key
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
        awaited[key.requestID] = nil
    }

    /// A preventive request was written again: it has become the overflow's when it speaks of the level that is full.
    private mutating func follow(_ request: ServiceRequest, _ key: Key, _ atMs: Int64, _ sensor: Sensor) {
        guard request.status == .open, request.threshold == bin.fullPercent, let number = open[key]?.opening else {
            return
        }
        (openings[number].ending, openings[number].endedAtMs) = (.overflow, atMs)
        awaited[key.requestID] = nil
        open[key]?.incident = incidents.count
        incidents.append(
            DetectedIncident(
                sensorID: sensor.id, kind: sensor.kind, rule: .binFull, openedAtMs: atMs, onsetMs: request.firstSeenMs,
                score: request.score, quantity: .fill, observed: request.observed, expected: request.expected))
    }
}

extension IncidentRecord {
    /// Whether a forecast opened it, and not a level that was seen. A dumped load opens on the same threshold, but from
    /// a level too low for forecasts.
    fileprivate func isPreventive(_ bin: BinParameters) -> Bool {
        rule == .binFull && peak.threshold == bin.forecastPercent && peak.observed >= bin.forecastFromPercent
            && peak.observed < bin.fullPercent && peak.forecastMs > peak.observedAtMs
    }
}

extension DetectedIncident {
    fileprivate init(_ record: IncidentRecord, _ sensor: Sensor, openedAtMs: Int64) {
        let peak = record.peak
        self.init(
            sensorID: sensor.id, kind: sensor.kind, rule: record.rule, openedAtMs: openedAtMs,
            onsetMs: peak.onsetMs, score: peak.score, quantity: peak.quantity, observed: peak.observed,
            expected: peak.expected)
    }
}
