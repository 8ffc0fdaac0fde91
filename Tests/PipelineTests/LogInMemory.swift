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
    /// By index: what is known of each sensor, and what was, up to where.
    private var sensors: [Sensor] = []
    private var past: [[(until: Int64, sensor: Sensor)]] = []
    private(set) var requests: [Int64: ServiceRequest] = [:]
    private(set) var lastUpdates: [Int64: Int] = [:]
    private(set) var latestMs: Int64 = 0
    /// Slices by turn.
    private var turns: [Int64: [StateSlice]] = [:]
    /// The newest turn that is whole.
    private(set) var saved: [StateSlice] = []

    mutating func commit(_ batch: CommitBatch) {
        var added: [(sequence: Int64, entry: Entry)] = []
        for new in batch.newSensors {
            if let before = new.before {
                past[new.index.int].append((new.sequence, before))
                sensors[new.index.int] = new.sensor
            } else {
                sensors.append(new.sensor)
                past.append([])
                added.append((new.sequence, .sensor(new)))
            }
        }
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

    /// What was known of a sensor behind a place of the stream.
    private func sensor(_ number: Int, behind sequence: Int64) -> Sensor {
        past[number].first { $0.until > sequence }?.sensor ?? sensors[number]
    }

    /// The sensors that are other ones from a place on, as they are then.
    private func sensors(changedAt sequence: Int64) -> [Sensor] {
        sensors.indices.filter { number in past[number].contains { $0.until == sequence } }
            .map { sensor($0, behind: sequence) }
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
    ///   - registry: today's, instead of the configuration's.
    func recover(
        _ configuration: PipelineConfiguration, slices: [StateSlice]? = nil,
        rules known: [String: PipelineConfiguration] = [:], registry: [Sensor]? = nil, into corrections: CommitBatch
    ) -> StreamProcessor {
        var configuration = configuration
        configuration.registry = registry ?? configuration.registry
        let known = known.mapValues { rules in
            var rules = rules
            rules.registry = configuration.registry
            return rules
        }
        let first = rules(behind: (slices ?? saved).first?.sequence ?? 0).flatMap { known[$0] }
        var processor = StreamProcessor(configuration: first ?? configuration)
        let report = processor.restore(slices ?? saved)
        processor.expect(
            requestIDs: Dictionary(uniqueKeysWithValues: requests.values.map { ($0.incidentKey, $0.id) }))
        let discarded = CommitBatch()
        for (sequence, entry) in log {
            switch entry {
            case .sensor(let new):
                let sensor = sensor(new.index.int, behind: max(report.sequence, new.sequence))
                let index = processor.recover(sensor, sequence: new.sequence)
                #expect(index == new.index)
            case .reading(let logged) where sequence > report.sequence:
                processor.recover(logged, discarding: discarded)
            case .event(let event) where sequence > report.sequence:
                processor.recover(event, discarding: discarded)
            case .command(let logged) where sequence > report.sequence:
                let changed = sensors(changedAt: sequence)
                switch logged.command.content {
                case .rules(let set):
                    processor.recover(logged, as: known[set.hash], sensors: changed, discarding: discarded)
                case .registry: processor.recover(logged, sensors: changed, discarding: discarded)
                default: processor.recover(logged, discarding: discarded)
                }
            case .reading, .event, .command: break
            }
            discarded.reset()
        }
        processor.finishRecovery(
            openRequests: requests.values.filter { $0.status == .open }.sorted { $0.id < $1.id },
            lastUpdates: lastUpdates, atMs: latestMs, into: corrections)
        if processor.isDescribedOtherwise(by: configuration.registry) {
            processor.take(registryOf: configuration, atMs: latestMs, into: corrections)
        }
        return processor
    }
}
