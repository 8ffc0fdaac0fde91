internal import Backtest
internal import Detection
internal import Incidents
internal import IssueStorage
internal import Pipeline
internal import Readings

/// What today's rules make of the readings that raised a request.
struct SecondOpinion: Equatable {
    enum Decision: Equatable {
        /// The same rule opens at the same reading.
        case same
        /// The same rule, or another that files into the same service, opens at another one.
        case otherwise
        /// Nothing opens.
        case nothing
        /// Too little is stored to say.
        case unknown(String)
    }

    var decision: Decision
    /// The rule that opens today, and when in the stream's time.
    var rule: Rule?
    var openedAtMs: Int64?
    /// From the opening then to the opening now.
    var shiftMs: Int64 = 0
    /// The opening rule as it is today, and as it was.
    var signature: RuleSignature
    var formerSignature: RuleSignature
    /// How many stored readings were met again, and from when on.
    var readings = 0
    var fromMs: Int64 = 0

    /// Stable, for machines.
    var code: String {
        switch decision {
        case .same: "same"
        case .otherwise: "otherwise"
        case .nothing: "nothing"
        case .unknown: "unknown"
        }
    }

    var sentence: String {
        let rules =
            signature.hash == formerSignature.hash
            ? "The rule has not changed since." : "The rule has changed since (parameters \(signature.hash))."
        switch decision {
        case .same: return "It would be opened by the same reading today. \(rules)"
        case .otherwise:
            let by = rule.map { " by rule \($0.name)" } ?? ""
            let minutes = (shiftMs.magnitude + 30_000) / 60_000
            let when =
                minutes == 0
                ? "at the same time" : "\(SpanText.of(minutes: minutes)) \(shiftMs < 0 ? "earlier" : "later")"
            return "It would be opened \(when)\(by) today. \(rules)"
        case .nothing: return "It would not be opened today. \(rules)"
        case .unknown(let reason): return "Whether it would be opened today can't be told: \(reason) \(rules)"
        }
    }
}

/// Spans as people say them.
enum SpanText {
    static func of(minutes: UInt64) -> String {
        if minutes < 120 { return "\(minutes) minute\(minutes == 1 ? "" : "s")" }
        if minutes < 48 * 60 { return "\((minutes + 30) / 60) hours" }
        return "\((minutes + 720) / 1440) days"
    }
}

extension SecondOpinion {
    /// What is met again before the opening at most: every baseline is learned by then.
    private static let reachMs: Int64 = 60 * 86_400_000
    private static let mostSensors = 40

    /// Meets the stored readings of the request's sensors, and of those whose zone they share, again.
    ///
    /// Costs reading and judging them: a second for some hundred thousand.
    static func ask(
        _ evidence: RequestEvidence, reader: IssueReader, _ configuration: Configuration
    ) async throws -> SecondOpinion {
        let opening = evidence.opening
        let rule = opening.verdict.rule
        var rules = configuration
        rules.sensors.mode = .adopt
        rules.sensors.file = nil
        let ids = evidence.sensors.map(\.sensorID) + [opening.sensorID].compactMap { $0 }
        let sensors = try await reader.neighbours(ofSensors: ids, limit: mostSensors)
        let settings = try rules.pipelineConfiguration(registry: sensors)
        let signatures = RuleSignatures(detection: settings.detection, policies: settings.policies)
        var opinion = SecondOpinion(
            decision: .nothing, signature: signatures[rule], formerSignature: opening.signature)
        guard rule != .silence, rule != .gatewaySilence else {
            opinion.decision = .unknown("silence is judged by arrivals, which the history does not keep.")
            return opinion
        }
        let openedMs = opening.verdict.observedAtMs
        let endMs = min(max(evidence.toMs, openedMs), openedMs + 2 * rule.evidenceLeadMs)
        let recording = try await recording(of: sensors, from: openedMs - reachMs, to: endMs, reader)
        opinion.readings = recording.rows.count
        opinion.fromMs = recording.rows.first?.observedAtMs ?? openedMs
        let outcome = try await offPool("sluice-explain") { Replay(configuration: settings).run(recording) }
        let name = opening.sensorID ?? ids[0]
        opinion.judge(outcome, opening, ids: Set(ids), name: name)
        return opinion
    }

    private mutating func judge(
        _ outcome: Replay.Outcome, _ opening: EvidenceMark, ids: Set<String>, name: String
    ) {
        let verdict = opening.verdict
        let fromMs = verdict.onsetMs - verdict.rule.evidenceLeadMs / 2
        var found: [(rule: Rule, sensorID: String, atMs: Int64)] = outcome.incidents.map {
            ($0.rule, $0.sensorID, $0.openedAtMs)
        }
        found += outcome.openings.map { (.binForecast, $0.sensorID, $0.openedAtMs) }
        let near = found.filter {
            ids.contains($0.sensorID) && $0.rule.service == verdict.rule.service && $0.atMs >= fromMs
        }
        // The same rule at the same sensor first, then whatever is nearest in time.
        let best = near.min {
            let ranks = [$0, $1].map { ($0.rule == verdict.rule && $0.sensorID == name) ? 0 : 1 }
            let distances = [$0, $1].map { ($0.atMs - verdict.observedAtMs).magnitude }
            return (ranks[0], distances[0]) < (ranks[1], distances[1])
        }
        if let best {
            (rule, openedAtMs) = (best.rule, best.atMs)
            shiftMs = best.atMs - verdict.observedAtMs
            let isSame = best.rule == verdict.rule && best.sensorID == name && shiftMs.magnitude < 60_000
            decision = isSame ? .same : .otherwise
            return
        }
        let learnedMs = verdict.observedAtMs - self.fromMs
        guard learnedMs >= verdict.rule.learningMs else {
            let kept = SpanText.of(minutes: UInt64(max(0, learnedMs) / 60_000))
            let needed = SpanText.of(minutes: UInt64(verdict.rule.learningMs / 60_000))
            decision = .unknown("\(kept) of readings before it are stored, and the rule learns for \(needed).")
            return
        }
        decision = .nothing
    }

    private static func recording(
        of sensors: [Sensor], from fromMs: Int64, to toMs: Int64, _ reader: IssueReader
    ) async throws -> Recording {
        var rows: [Recording.Row] = []
        for (place, sensor) in sensors.enumerated() {
            for quantity in Quantity.allCases {
                let readings = try await reader.history(
                    ofSensor: sensor.id, quantity: quantity, fromMs: fromMs, toMs: toMs)
                // What came late was never judged.
                for reading in readings where !reading.flags.contains(.late) {
                    rows.append(
                        Recording.Row(
                            observedAtMs: reading.atMs, value: reading.value, sensor: UInt32(place),
                            quantity: quantity))
                }
            }
        }
        // Of one moment in the order of sensors and quantities, as they are in most messages.
        let order = rows.indices.sorted { (rows[$0].observedAtMs, $0) < (rows[$1].observedAtMs, $1) }
        return Recording(
            sensors: sensors.map { Recording.Source(id: $0.id, kind: $0.kind) }, rows: order.map { rows[$0] })
    }
}

extension Rule {
    /// How long the rule watches before it judges, ms.
    fileprivate var learningMs: Int64 {
        let day: Int64 = 86_400_000
        return switch self {
        case .nightFlow, .burst, .drift: 12 * day
        case .leakNoise: 8 * day
        case .meterNeverZero, .trafficDrop: 8 * day
        case .congestion, .anomaly: 2 * day
        case .wetContact: day / 2
        case .binFull, .binForecast, .binDumping, .binFire, .binTilt, .stuck, .implausible, .clock, .silence,
            .gatewaySilence:
            day / 4
        }
    }
}
