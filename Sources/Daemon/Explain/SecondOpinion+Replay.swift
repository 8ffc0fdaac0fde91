internal import Backtest
internal import Detection
internal import Incidents
internal import IssueStorage
internal import Pipeline
internal import Readings
internal import Settings

// How a second opinion comes about: the stored readings pass through the pipeline again.
extension SecondOpinion {
    /// What is met again before the opening at most: every baseline is learned by then. And after it.
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
        let name = opening.sensorID ?? ids[0]
        let own = sensors.first { $0.id == name }.flatMap { sensor in settings.overrides.first { $0.fits(sensor) } }
        var opinion = SecondOpinion(
            decision: .nothing, signature: RuleSignatures(own?.settings ?? settings.rules)[rule],
            formerSignature: opening.signature)
        guard rule != .silence, rule != .gatewaySilence else {
            opinion.decision = .unknown("silence is judged by arrivals, which the history does not keep.")
            return opinion
        }
        let openedMs = opening.verdict.observedAtMs
        let endMs = min(max(evidence.toMs, openedMs), openedMs + reachMs)
        let recording = try await recording(of: sensors, from: openedMs - reachMs, to: endMs, reader)
        opinion.readings = recording.rows.count
        opinion.fromMs = recording.rows.first?.observedAtMs ?? openedMs
        opinion.toMs = recording.rows.last?.observedAtMs ?? openedMs
        let outcome = try await offPool("sluice-explain") {
            Replay(configuration: settings).run(recording, keepsMarks: true)
        }
        opinion.judge(outcome.marks, evidence.marks, ids: Set(ids), name: name)
        return opinion
    }

    /// - Parameters:
    ///   - found: every step of every request that today's rules raise.
    ///   - former: the steps of the request in question.
    private mutating func judge(_ found: [EvidenceMark], _ former: [EvidenceMark], ids: Set<String>, name: String) {
        let verdict = former[0].verdict
        let fromMs = verdict.onsetMs - verdict.rule.evidenceLeadMs / 2
        let openings = found.filter { mark in
            mark.event == .opened && ids.contains(mark.sensorID ?? "") && mark.verdict.observedAtMs >= fromMs
                && mark.verdict.rule.service == verdict.rule.service
        }
        // The same rule at the same sensor first, then whatever is nearest in time.
        let best = openings.min {
            let ranks = [$0, $1].map { ($0.verdict.rule == verdict.rule && $0.sensorID == name) ? 0 : 1 }
            let distances = [$0, $1].map { ($0.verdict.observedAtMs - verdict.observedAtMs).magnitude }
            return (ranks[0], distances[0]) < (ranks[1], distances[1])
        }
        if let best {
            (rule, openedAtMs) = (best.verdict.rule, best.verdict.observedAtMs)
            shiftMs = best.verdict.observedAtMs - verdict.observedAtMs
            let isSame = best.verdict.rule == verdict.rule && best.sensorID == name && shiftMs.magnitude < 60_000
            decision = isSame ? .same : .otherwise
            steps = Self.steps(former, found.filter { $0.requestID == best.requestID }, toMs: toMs)
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

    /// Pairs the steps of one event in their order. What lies beyond the readings that were met again is left out.
    private static func steps(_ former: [EvidenceMark], _ today: [EvidenceMark], toMs: Int64) -> [Step] {
        EvidenceMark.Event.allCases.flatMap { event -> [Step] in
            func times(_ marks: [EvidenceMark]) -> [Int64] {
                marks.filter { $0.event == event }.map(\.verdict.observedAtMs).filter { $0 <= toMs }
            }
            guard event != .opened else { return [] }
            let (then, now) = (times(former), times(today))
            return (0..<max(then.count, now.count)).map { place in
                Step(
                    event: event, thenMs: place < then.count ? then[place] : nil,
                    nowMs: place < now.count ? now[place] : nil)
            }
        }
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
