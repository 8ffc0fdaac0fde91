internal import Incidents
internal import IssueStorage
internal import Logging
internal import Open311
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
    init(of processor: inout StreamProcessor, from store: IssueStore, logger: Logger) throws {
        let began = ContinuousClock.now
        let stored = try store.openState(closedSinceMs: 0)
        processor.expect(
            requestIDs: Dictionary(
                stored.requests.map { ($0.incidentKey, $0.id) }, uniquingKeysWith: { first, _ in first }))
        // What follows from the log is stored already.
        let discarded = CommitBatch()
        var latest = Int64.min
        try store.recover { entry in
            switch entry {
            case .sensor(let new):
                processor.recover(new.sensor, sequence: new.sequence)
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
            }
            discarded.reset()
        }
        took = ContinuousClock.now - began
        lastArrivalMs = readings > 0 ? latest : nil
        guard sensors > 0 else { return }
        logger.info(
            "recovery.done",
            metadata: [
                "sensors": .stringConvertible(sensors), "readings": .stringConvertible(readings),
                "ms": .stringConvertible(Int(took / .milliseconds(1))),
            ])
    }
}
