internal import Incidents
internal import IssueStorage
internal import Logging
internal import Pipeline
internal import Readings

/// Rebuilds the pipeline's state at start, by meeting the stored stream again.
struct Recovery: Sendable {
    /// How often progress is logged, in entries.
    static let reportEvery = 1_000_000

    private(set) var sensors = 0
    private(set) var readings = 0
    private(set) var took = Duration.zero
    /// The latest arrival in the stored stream, in milliseconds since the Unix epoch; nil when nothing is stored.
    private(set) var lastArrivalMs: Int64?

    /// Replays all of `store`'s log through `processor`. Blocks; progress goes to the log.
    ///
    /// - Parameters:
    ///   - corrections: gets what has to be stored before anything else, because rules or registry have changed.
    ///   - stop: looked at now and then: a person may not want to wait.
    /// - Throws: ``StoppedEarly``, `StorageError`.
    init(
        of processor: inout StreamProcessor, from store: IssueStore, stored: StoredState, corrections: CommitBatch,
        stop: StopFlag, logger: Logger
    ) throws {
        let began = ContinuousClock.now
        processor.expect(requestIDs: stored.requestIDs)
        // What follows from the log is stored already.
        let discarded = CommitBatch()
        var latest = Int64.min
        try store.recover { entry in
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
                readings += 1
                if readings % Self.reportEvery == 0 {
                    logger.info("recovery.progress", metadata: ["readings": .stringConvertible(readings)])
                }
            case .event(let event):
                processor.recover(event, discarding: discarded)
                latest = max(latest, event.atMs)
            }
            discarded.reset()
            if stop.isRaised { throw StoppedEarly() }
        }
        took = ContinuousClock.now - began
        lastArrivalMs = readings > 0 ? latest : nil
        processor.finishRecovery(
            openRequests: stored.openRequests, lastUpdates: stored.lastUpdates, atMs: max(latest, 0),
            into: corrections)
        guard sensors > 0 else { return }
        logger.info(
            "recovery.done",
            metadata: [
                "sensors": .stringConvertible(sensors), "readings": .stringConvertible(readings),
                "ms": .stringConvertible(Int(took / .milliseconds(1))),
            ])
    }
}

/// A person asked to stop before everything had started. Not a failure.
struct StoppedEarly: Error {}
