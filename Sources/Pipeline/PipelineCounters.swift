internal import Incidents
internal import Metrics
internal import Readings

/// The processor's tallies as metrics. Fed by differences, once a batch.
struct PipelineCounters {
    private let readings, duplicates, conflicts, late, clockAhead, shed, incomplete: Counter
    private let framesReceived, framesLost, framesDuplicated, framesReordered: Counter
    private let framesReset, framesRejoined, framesRedelivered: Counter
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
        let frames = { (finding: String) in
            Counter(label: "sluice_frames_total", dimensions: [("finding", finding)], factory: factory)
        }
        framesReceived = frames("received")
        framesLost = frames("lost")
        framesDuplicated = frames("duplicate")
        framesReordered = frames("reordered")
        framesReset = frames("reset")
        framesRejoined = frames("rejoined")
        framesRedelivered = frames("redelivered")
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
        if tallies.frames != published.frames || tallies.framesRedelivered != published.framesRedelivered {
            publishFrames(tallies)
        }
        published = tallies
    }

    private func publishFrames(_ tallies: StreamTallies) {
        let (now, before) = (tallies.frames, published.frames)
        framesReceived.increment(by: now.received - before.received)
        // A frame that came late is lost no longer, which a counter can't take back: it is among those that came late.
        framesLost.increment(by: now.lost + now.reordered - before.lost - before.reordered)
        framesDuplicated.increment(by: now.duplicated - before.duplicated)
        framesReordered.increment(by: now.reordered - before.reordered)
        framesReset.increment(by: now.resets - before.resets)
        framesRejoined.increment(by: now.rejoins - before.rejoins)
        framesRedelivered.increment(by: tallies.framesRedelivered - published.framesRedelivered)
    }
}
