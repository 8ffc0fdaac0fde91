internal import GRDB
internal import Incidents
internal import IssueStorage
internal import Open311
internal import Pipeline
internal import Readings

/// Rebuilds the pipeline's state, as the daemon does at its start, or from the whole stream.
struct Recovery {
    var processor: StreamProcessor
    /// What has to be stored before anything else.
    let corrections = CommitBatch()
    /// Slices that were taken over.
    private(set) var slices = 0

    /// As the daemon: from what was saved, and the log behind it.
    init(_ db: Database, _ stored: StoredState, _ mirror: StreamMirror, _ rules: RuleSets) throws {
        processor = StreamProcessor(
            configuration: try rules.settings(
                behind: stored.savedState.first?.sequence ?? 0, in: stored.ruleSets))
        processor.expect(requestIDs: stored.requestIDs)
        let saved = processor.restore(stored.savedState)
        slices = saved.slices
        try promise(saved.problem == nil, "the saved state can't be used: \(saved.problem ?? "")")
        let discarded = CommitBatch()
        try RecoveredEntry.stream(db, after: saved.sequence) { entry in
            try Self.meet(entry, &processor, rules, discarded)
            discarded.reset()
        }
        try finish(stored, mirror, rules)
    }

    /// From the stream's beginning, whatever was saved and trimmed.
    init(_ stored: StoredState, replaying mirror: StreamMirror, _ rules: RuleSets) throws {
        processor = StreamProcessor(configuration: rules.beginning)
        processor.expect(requestIDs: stored.requestIDs)
        let discarded = CommitBatch()
        for entry in mirror.entries {
            try Self.meet(entry, &processor, rules, discarded)
            discarded.reset()
        }
        try finish(stored, mirror, rules)
    }

    private mutating func finish(_ stored: StoredState, _ mirror: StreamMirror, _ rules: RuleSets) throws {
        let (last, found) = (stored.lastSequence, processor.sequence)
        try promise(found == last, "the log goes to \(last), the processor stands at \(found)")
        let latestMs = mirror.entries.reduce(0) { max($0, $1.atMs ?? 0) }
        processor.finishRecovery(
            openRequests: stored.openRequests, lastUpdates: stored.lastUpdates, atMs: latestMs, into: corrections)
        // Up to here rules and registry are what they were.
        try promise(
            corrections.requests.isEmpty && corrections.incidents.isEmpty && corrections.updates.isEmpty,
            "a start changes requests: \(corrections.requests.map(\.incidentKey)), \(corrections.incidents.map(\.key))")
        if stored.ruleSets.last?.rules != rules.rules {
            processor.take(rules.change(atMs: latestMs), into: corrections)
        } else if processor.isDescribedOtherwise(by: rules.today.registry) {
            processor.take(registryOf: rules.today, atMs: latestMs, into: corrections)
        }
    }

    /// Shows one entry of the log to `processor`; what follows from it goes into `batch`.
    static func meet(
        _ entry: RecoveredEntry, _ processor: inout StreamProcessor, _ rules: RuleSets, _ batch: CommitBatch
    ) throws {
        switch entry {
        case .sensor(let new):
            let index = processor.recover(new.sensor, sequence: new.sequence)
            try promise(
                index == new.index, "sensor \(new.sensor.id) was \(new.index.rawValue) and is \(index.rawValue)")
        case .reading(let logged): processor.recover(logged, discarding: batch)
        case .command(let logged): processor.recover(logged, discarding: batch)
        case .change(let logged, let changed):
            var settings: PipelineConfiguration?
            if case .rules(let set) = logged.command.content { settings = try rules.settings(of: set) }
            processor.recover(logged, as: settings, sensors: changed, discarding: batch)
        case .event(let event): processor.recover(event, discarding: batch)
        }
    }

    /// The whole state as it is saved, after one more tick: without it there may be nothing new to save.
    func savedState(tickAtMs: Int64) -> [[UInt8]] {
        var copy = processor
        let batch = CommitBatch()
        copy.tick(atMs: tickAtMs, into: batch)
        copy.saveEverything(into: batch)
        return batch.stateSlices.filter { $0.turn == copy.sequence }.map(\.bytes)
    }

    /// The sensors that have an index already, for the connections' name tables.
    var knownSensors: [(id: String, sensor: SensorIndex)] {
        processor.directory.sensors.enumerated().map { number, sensor in
            (id: sensor.id, sensor: SensorIndex(rawValue: UInt32(number)))
        }
    }
}
