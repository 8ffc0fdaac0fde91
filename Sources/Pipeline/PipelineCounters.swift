internal import Incidents
internal import Metrics

/// The processor's tallies as metrics. Fed by differences, once a batch.
struct PipelineCounters {
    private let readings, duplicates, conflicts, late, clockAhead, shed, incomplete: Counter
    private let duration: Timer
    private let size: Recorder
    private var published = StreamTallies()

    init(factory: any MetricsFactory) {
        readings = Counter(label: "sluice_readings_total", factory: factory)
        let outcome = { (name: String) in
            Counter(label: "sluice_readings_unusual_total", dimensions: [("outcome", name)], factory: factory)
        }
        duplicates = outcome("duplicate")
        conflicts = outcome("conflict")
        late = outcome("late")
        clockAhead = outcome("clock_ahead")
        shed = outcome("shed")
        incomplete = outcome("incomplete_interval")
        duration = Timer(label: "sluice_pipeline_batch_seconds", factory: factory)
        size = Recorder(label: "sluice_pipeline_batch_readings", factory: factory)
    }

    /// A batch has been handed over.
    func handed(_ batch: CommitBatch) {
        guard !batch.readings.isEmpty else { return }
        duration.recordNanoseconds(batch.handedAtNs - batch.openedAtNs)
        size.record(batch.readings.count)
    }

    mutating func publish(_ tallies: StreamTallies) {
        readings.increment(by: tallies.readings - published.readings)
        duplicates.increment(by: tallies.duplicates - published.duplicates)
        conflicts.increment(by: tallies.conflicts - published.conflicts)
        late.increment(by: tallies.late - published.late)
        clockAhead.increment(by: tallies.clockAhead - published.clockAhead)
        shed.increment(by: tallies.shed - published.shed)
        incomplete.increment(by: tallies.incomplete - published.incomplete)
        published = tallies
    }
}
