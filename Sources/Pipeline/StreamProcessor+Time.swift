internal import Detection
public import Incidents
public import Readings

// Time, connections and deaths: what the stream tells beside readings.
extension StreamProcessor {
    /// The daemon's clock stands at `atMs`: who has been silent for too long?
    public mutating func tick(atMs: Int64, into batch: CommitBatch) {
        log(.tick, source: 0, atMs: atMs, into: batch)
        watchSilence(atMs: atMs, into: batch)
        if book.hasCrossings { settle(atMs: atMs, into: batch) }
        saveSome(atMs: atMs, into: batch)
    }

    /// Source `source` went up (its backlog drained) or down.
    public mutating func connection(isUp: Bool, source: Int, atMs: Int64, into batch: CommitBatch) {
        log(isUp ? .connectionUp : .connectionDown, source: source, atMs: atMs, into: batch)
        connect(isUp, source, atMs)
    }

    /// A device or an edge node has told that it dies. The next tick judges it.
    public mutating func death(
        of sensor: SensorIndex, isGateway: Bool, source: Int, atMs: Int64, into batch: CommitBatch
    ) {
        sequence += 1
        batch.events.append(
            StreamEvent(
                sequence: sequence, kind: isGateway ? .gatewayDeath : .deviceDeath, source: source, sensor: sensor,
                atMs: atMs))
        silence.died(sensor, isGateway: isGateway, atMs: atMs)
    }

    private mutating func connect(_ isUp: Bool, _ source: Int, _ atMs: Int64) {
        if !isUp { frames.connectionLost() }
        silence.connection(isUp: isUp, source: source, atMs: atMs)
        connected.removeAll { $0 == source }
        if isUp { connected.append(source) }
    }

    private mutating func log(_ kind: StreamEvent.Kind, source: Int, atMs: Int64, into batch: CommitBatch) {
        sequence += 1
        batch.events.append(StreamEvent(sequence: sequence, kind: kind, source: source, atMs: atMs))
    }

    mutating func replay(_ event: StreamEvent, into batch: CommitBatch) {
        switch event.kind {
        case .tick: watchSilence(atMs: event.atMs, into: batch)
        case .connectionUp: connect(true, event.source, event.atMs)
        case .connectionDown: connect(false, event.source, event.atMs)
        case .deviceDeath, .gatewayDeath:
            guard let sensor = event.sensor else { return }
            silence.died(sensor, isGateway: event.kind == .gatewayDeath, atMs: event.atMs)
        case .heard:
            guard let sensor = event.sensor else { return }
            if restoring?.awaitsLane(sensor) == true {
                silence.heard(sensor, source: event.source, atMs: event.atMs)
            } else {
                hear(sensor, source: event.source, atMs: event.atMs)
            }
        }
    }

    private mutating func watchSilence(atMs: Int64, into batch: CommitBatch) {
        silence.tick(atMs: atMs, into: &changes)
        if silence.hasJustWoken { for lane in lanes.indices { lanes[lane].monitor.ourClockWasSet() } }
        let marks = batch.evidence.count
        for change in changes {
            let rule: Rule = if case .sensor = change.subject { .silence } else { .gatewaySilence }
            let minutes = { (ms: Int64) in Double(ms) / 60_000 }
            let verdict = Verdict(
                rule: rule, condition: change.isSilent ? .critical : .normal, quantity: .generic, observedAtMs: atMs,
                onsetMs: min(change.sinceMs, atMs), score: minutes(atMs - change.sinceMs),
                observed: minutes(atMs - change.sinceMs), expected: 0, threshold: minutes(change.allowedMs))
            book.apply(verdict, to: change.subject, nowMs: atMs, directory: directory, into: batch)
        }
        changes.removeAll(keepingCapacity: true)
        book.reviewSilence(nowMs: atMs, directory: directory, into: batch)
        sign(batch, from: marks)
        book.forget(nowMs: atMs)
    }
}
