internal import Detection
internal import Incidents
internal import Pipeline
internal import Readings

/// One replay under way: the pipeline, its clock, and what came out so far.
struct ReplayStream {
    static let tickMs: Int64 = 60_000
    static let longestPauseMs: Int64 = 86_400_000
    /// Readings between two looks at the progress, and after which the batch's memory is used again.
    static let stride = 4096
    private static let source = 1

    private var processor: StreamProcessor
    private var collector: IncidentCollector
    private let batch = CommitBatch()
    /// Arrival of the reading before, and the minute that comes next.
    private var nowMs = Int64.min
    private var nextTickMs = Int64.min
    private var isUp = false
    private let keepsMarks: Bool
    private var marks: [EvidenceMark] = []

    init(configuration: PipelineConfiguration, keepsMarks: Bool) {
        var configuration = configuration
        configuration.savesState = false
        processor = StreamProcessor(configuration: configuration)
        self.keepsMarks = keepsMarks
        collector = IncidentCollector()
    }

    mutating func run(_ recording: Recording, progress: (Int) -> Void) -> Replay.Outcome {
        var admitted = [Admission?](repeating: nil, count: recording.sensors.count)
        var refused = 0
        var done = 0
        for row in recording.rows {
            done += 1
            if done % Self.stride == 0 {
                batch.reset()
                progress(done)
            }
            advance(to: row.observedAtMs)
            let number = Int(row.sensor)
            let admission = admitted[number] ?? admit(recording.sensors[number])
            admitted[number] = admission
            guard case .admitted(let index) = admission else {
                refused += 1
                continue
            }
            take(
                Reading(
                    sensor: index, quantity: row.quantity, observedAtMs: row.observedAtMs, arrivedAtMs: nowMs,
                    value: row.value, source: UInt8(Self.source)))
        }
        progress(done)
        return Replay.Outcome(
            incidents: collector.incidents, openings: collector.openings, tallies: processor.tallies, refused: refused,
            marks: marks)
    }

    private mutating func admit(_ source: Recording.Source) -> Admission {
        processor.admit(id: source.id, kind: source.kind, nowMs: nowMs, into: batch)
    }

    private mutating func take(_ reading: Reading) {
        processor.take(reading, into: batch)
        collect()
    }

    /// Moves the clock on to the next reading.
    private mutating func advance(to observedAtMs: Int64) {
        let before = nowMs
        guard isUp, observedAtMs - before <= Self.longestPauseMs else {
            pause(until: max(observedAtMs, before))
            return
        }
        while nextTickMs <= observedAtMs {
            nowMs = max(nextTickMs, before)
            processor.tick(atMs: nowMs, into: batch)
            collect()
            nextTickMs += Self.tickMs
        }
        nowMs = max(observedAtMs, before)
    }

    private mutating func pause(until atMs: Int64) {
        if isUp { processor.connection(isUp: false, source: Self.source, atMs: nowMs, into: batch) }
        nowMs = atMs
        nextTickMs = atMs + Self.tickMs
        processor.connection(isUp: true, source: Self.source, atMs: atMs, into: batch)
        isUp = true
    }

    private mutating func collect() {
        guard !batch.incidents.isEmpty || !batch.requests.isEmpty else { return }
        collector.take(batch, atMs: nowMs, directory: processor.directory)
        if keepsMarks {
            for var mark in batch.evidence {
                mark.sensorID = processor.directory[mark.sensor].id
                marks.append(mark)
            }
        }
        batch.evidence.removeAll(keepingCapacity: true)
        batch.incidents.removeAll(keepingCapacity: true)
        batch.requests.removeAll(keepingCapacity: true)
    }
}
