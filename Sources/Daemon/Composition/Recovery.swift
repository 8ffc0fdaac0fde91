internal import Incidents
internal import IssueStorage
internal import Logging
internal import Pipeline
internal import Readings

/// Rebuilds the pipeline's state at start: takes what was saved last, and meets again what was stored after that.
struct Recovery: Sendable {
    private(set) var sensors = 0
    /// Readings that were met again.
    private(set) var readings = 0
    /// Sensors whose state was taken from what was saved.
    private(set) var restored = 0
    private(set) var took = Duration.zero
    /// The latest arrival in the stored stream, in milliseconds since the Unix epoch; nil when nothing is stored.
    private(set) var lastArrivalMs: Int64?

    /// Restores what `store` saved of `processor`'s state, and replays the log behind that. Blocks.
    ///
    /// - Parameters:
    ///   - stored: what the last run left; its saved state is taken out of it.
    ///   - rules: what held where in the log.
    ///   - corrections: gets what has to be stored before anything else, because rules have changed.
    ///   - progress: is told how far it is.
    ///   - stop: looked at now and then: a person may not want to wait.
    /// - Throws: ``StoppedEarly``, `StorageError`.
    init(
        of processor: inout StreamProcessor, from store: IssueStore, stored: inout StoredState, rules: RuleHistory,
        corrections: CommitBatch, progress: StartProgress, stop: StopFlag, logger: Logger
    ) throws {
        let began = ContinuousClock.now
        // What follows from the log is stored already. To empty it after each entry would take a tenth of the time.
        let discarded = CommitBatch()
        var entries = 0
        progress.enter(.takingOver)
        let saved = processor.restore(stored.savedState)
        // It may be gigabytes. The processor lets go of each slice as it takes it over, if nobody else holds it.
        stored.savedState = []
        if saved.problem != nil { processor = StreamProcessor(configuration: rules.settings(behind: 0)) }
        processor.expect(requestIDs: stored.requestIDs, numbersUpTo: stored.greatestLostID)
        processor.restore(links: stored.links)
        // After a stop in order nothing came behind what was saved.
        var latest = saved.tickedAtMs ?? .min
        var earliest = Int64.max
        if let problem = saved.problem {
            logger.warning(
                "recovery.saved_state_unusable",
                metadata: ["reason": "\(problem)", "effect": "the whole stored stream is replayed instead"])
        }
        progress.enter(.replay)
        try store.recover(after: saved.sequence) { entry in
            switch entry {
            case .sensor(let new):
                let index = processor.recover(new.sensor, sequence: new.sequence)
                guard index == new.index else {
                    throw Failure(
                        "\(store.directory): sensor \(new.sensor.id) is stored as number \(new.index.rawValue) and would get "
                            + "\(index.rawValue): a sensor before it is missing; restore the database from a copy",
                        .storageFailed)
                }
                sensors += 1
            case .reading(let logged):
                processor.recover(logged, discarding: discarded)
                latest = max(latest, logged.reading.arrivedAtMs)
                earliest = min(earliest, logged.reading.arrivedAtMs)
                readings += 1
            case .change(let logged, let changed):
                var settings: PipelineConfiguration?
                if case .rules(let set) = logged.command.content { settings = rules.settings(of: set) }
                processor.recover(logged, as: settings, sensors: changed, discarding: discarded)
                latest = max(latest, logged.command.atMs)
                earliest = min(earliest, logged.command.atMs)
            case .command(let logged):
                processor.recover(logged, discarding: discarded)
                latest = max(latest, logged.command.atMs)
                earliest = min(earliest, logged.command.atMs)
            case .event(let event):
                processor.recover(event, discarding: discarded)
                latest = max(latest, event.atMs)
                earliest = min(earliest, event.atMs)
            }
            entries += 1
            if entries % 1024 == 0 {
                discarded.reset()
                progress.count(sensors: sensors, readings: readings)
            }
            if stop.isRaised { throw StoppedEarly() }
        }
        lastArrivalMs = latest == .min ? nil : latest
        var lastUpdates = stored.lastUpdates
        let older = processor.requestsOfSensors.filter { lastUpdates[$0] == nil }
        lastUpdates.merge(try store.lastUpdates(ofRequests: older)) { known, _ in known }
        processor.finishRecovery(
            openRequests: stored.openRequests, lastUpdates: lastUpdates, metSinceMs: earliest,
            atMs: max(latest, 0), into: corrections)
        restored = processor.restoreReport.sensorsRestored
        took = ContinuousClock.now - began
        guard sensors > 0 else { return }
        let report = processor.restoreReport
        if report.sensorsAfresh > 0 {
            logger.warning(
                "recovery.sensors_afresh",
                metadata: [
                    "sensors": .stringConvertible(report.sensorsAfresh),
                    "first_reason": "\(report.firstReason ?? "unknown")",
                    "effect": "they learn what is usual anew",
                ])
        }
        if report.strays > 0 {
            logger.warning(
                "recovery.strays",
                metadata: [
                    "entries": .stringConvertible(report.strays),
                    "effect": "they are passed over; sluice verify says what else is wrong with the database",
                ])
        }
        logger.info(
            "recovery.done",
            metadata: [
                "sensors": .stringConvertible(sensors), "readings": .stringConvertible(readings),
                "sensors_restored": .stringConvertible(restored),
                "ms": .stringConvertible(Int(took / .milliseconds(1))),
            ])
    }
}

/// A person asked to stop before everything had started. Not a failure.
struct StoppedEarly: Error {}
