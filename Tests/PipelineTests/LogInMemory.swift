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
    private var sensorCount = 0
    private(set) var requests: [Int64: ServiceRequest] = [:]
    private(set) var lastUpdates: [Int64: Int] = [:]
    private(set) var latestMs: Int64 = 0
    /// Slices by turn.
    private var turns: [Int64: [StateSlice]] = [:]
    /// The newest turn that is whole.
    private(set) var saved: [StateSlice] = []

    mutating func commit(_ batch: CommitBatch) {
        let known = sensorCount
        for new in batch.newSensors where new.index.int < known { update(new) }
        let met = batch.newSensors.filter { $0.index.int >= known }
        sensorCount += met.count
        var added: [(sequence: Int64, entry: Entry)] = met.map { ($0.sequence, .sensor($0)) }
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

    /// What the registry says of a sensor may change; its place in the stream stays.
    private mutating func update(_ new: CommitBatch.NewSensor) {
        for place in log.indices {
            guard case .sensor(var old) = log[place].entry, old.index == new.index else { continue }
            old.sensor = new.sensor
            log[place].entry = .sensor(old)
        }
    }

    /// The rules that hold behind a place of the stream, by their hash; nil before any change.
    private func rules(behind sequence: Int64) -> String? {
        log.last { entry in
            if case .command(let logged) = entry.entry, case .rules = logged.command.content {
                entry.sequence <= sequence
            } else {
                false
            }
        }.flatMap {
            if case .command(let logged) = $0.entry, case .rules(let set) = logged.command.content {
                set.hash
            } else {
                nil
            }
        }
    }

    /// What a start does.
    ///
    /// - Parameters:
    ///   - configuration: what held from the beginning of the stream on.
    ///   - slices: other saved state than what is there.
    ///   - rules: what the changes of rules in the log stand for, by hash.
    func recover(
        _ configuration: PipelineConfiguration, slices: [StateSlice]? = nil,
        rules known: [String: PipelineConfiguration] = [:], into corrections: CommitBatch
    ) -> StreamProcessor {
        let first = rules(behind: (slices ?? saved).first?.sequence ?? 0).flatMap { known[$0] }
        var processor = StreamProcessor(configuration: first ?? configuration)
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
                if case .rules(let set) = logged.command.content, let rules = known[set.hash] {
                    processor.recover(logged, as: rules, discarding: discarded)
                } else {
                    processor.recover(logged, discarding: discarded)
                }
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
