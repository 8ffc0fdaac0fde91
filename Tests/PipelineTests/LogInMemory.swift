import Incidents
import Open311
import Pipeline
import Readings
import Testing

/// What a store would hold: the log, the requests, and the newest whole turn of saved state.
struct LogInMemory {
    private enum Entry {
        case sensor(CommitBatch.NewSensor)
        case reading(LoggedReading)
        case event(StreamEvent)
        case command(LoggedCommand)
    }

    private var log: [(sequence: Int64, entry: Entry)] = []
    private(set) var requests: [Int64: ServiceRequest] = [:]
    private(set) var lastUpdates: [Int64: Int] = [:]
    private(set) var latestMs: Int64 = 0
    /// Slices by turn.
    private var turns: [Int64: [StateSlice]] = [:]
    /// The newest turn that is whole.
    private(set) var saved: [StateSlice] = []

    mutating func commit(_ batch: CommitBatch) {
        var added: [(sequence: Int64, entry: Entry)] = batch.newSensors.map { ($0.sequence, .sensor($0)) }
        added += batch.readings.map { ($0.sequence, .reading($0)) }
        added += batch.events.map { ($0.sequence, .event($0)) }
        added += batch.commands.map { ($0.sequence, .command($0)) }
        log += added.sorted { $0.sequence < $1.sequence }
        for request in batch.requests { requests[request.id] = request }
        for update in batch.updates { lastUpdates[update.requestID] = update.number }
        latestMs = max(
            latestMs, batch.readings.map(\.reading.arrivedAtMs).max() ?? 0, batch.events.map(\.atMs).max() ?? 0,
            batch.commands.map(\.command.atMs).max() ?? 0)
        for slice in batch.stateSlices {
            turns[slice.turn, default: []].append(slice)
            guard slice.isLast else { continue }
            saved = turns[slice.turn] ?? []
            turns = turns.filter { $0.key > slice.turn }
        }
    }

    /// What a start does. `slices`: other saved state than what is there.
    func recover(
        _ configuration: PipelineConfiguration, slices: [StateSlice]? = nil, into corrections: CommitBatch
    ) -> StreamProcessor {
        var processor = StreamProcessor(configuration: configuration)
        let report = processor.restore(slices ?? saved)
        processor.expect(
            requestIDs: Dictionary(uniqueKeysWithValues: requests.values.map { ($0.incidentKey, $0.id) }))
        let discarded = CommitBatch()
        for (sequence, entry) in log {
            switch entry {
            case .sensor(let new):
                let index = processor.recover(new.sensor, sequence: new.sequence)
                #expect(index == new.index)
            case .reading(let logged) where sequence > report.sequence:
                processor.recover(logged, discarding: discarded)
            case .event(let event) where sequence > report.sequence:
                processor.recover(event, discarding: discarded)
            case .command(let logged) where sequence > report.sequence:
                processor.recover(logged, discarding: discarded)
            case .reading, .event, .command: break
            }
            discarded.reset()
        }
        processor.finishRecovery(
            openRequests: requests.values.filter { $0.status == .open }.sorted { $0.id < $1.id },
            lastUpdates: lastUpdates, atMs: latestMs, into: corrections)
        return processor
    }
}
