internal import Detection
public import Incidents
internal import Readings

/// Rules that are to hold from some place of the stream on.
public struct RuleSwitch: Sendable {
    /// The rules as the log will have them.
    public var rules: RuleText
    /// The same, read; with the registry and the clocks that go with it.
    public var configuration: PipelineConfiguration
    /// The daemon's time at which they were asked for, in milliseconds since the Unix epoch.
    public var atMs: Int64

    public init(rules: RuleText, configuration: PipelineConfiguration, atMs: Int64) {
        (self.rules, self.configuration, self.atMs) = (rules, configuration, atMs)
    }
}

// Other rules, another registry, in the middle of the stream.
//
// It is what a start in order does: the state is saved and taken over by a processor of the new rules, only that it never
// leaves memory. So a detector goes on with what it has learned wherever a restart would let it.
extension StreamProcessor {
    /// Lets other rules hold from here on, and logs that. Requests that nothing holds open any more are closed with a note;
    /// what the registry says of a sensor now is stored.
    ///
    /// Costs about what a start costs that finds everything saved: some 30 µs a sensor.
    public mutating func take(_ change: RuleSwitch, into batch: CommitBatch) {
        sequence += 1
        let command = StreamCommand(ticket: 0, atMs: change.atMs, .rules(change.rules))
        batch.commands.append(LoggedCommand(sequence: sequence, command: command, outcome: .applied))
        let before = directory.sensors
        var outcome = RuleChange(hash: change.rules.hash)
        let report = judge(by: change.configuration, atMs: change.atMs, into: batch)
        (outcome.sensorsKept, outcome.sensorsAfresh) = (report.sensorsRestored, report.sensorsAfresh)
        outcome.firstReason = report.firstReason
        batch.ruleChanges.append(outcome)
        for (number, sensor) in directory.sensors.enumerated() where sensor != before[number] {
            let index = SensorIndex(rawValue: UInt32(number))
            // The store keeps the place in the stream where it was met.
            batch.newSensors.append(CommitBatch.NewSensor(sequence: sequence, index: index, sensor: sensor))
        }
    }

    /// A logged change of rules, read again. What follows from it goes into `batch`, which the caller throws away.
    public mutating func recover(
        _ logged: LoggedCommand, as configuration: PipelineConfiguration, discarding batch: CommitBatch
    ) {
        guard logged.sequence > restoreReport.sequence else { return }
        // A turn of saving that a change of rules cuts off is given up, so none that was ended waits beyond this place.
        finishRestoring()
        _ = judge(by: configuration, atMs: logged.command.atMs, into: batch)
        sequence = max(sequence, logged.sequence)
    }

    private mutating func judge(
        by configuration: PipelineConfiguration, atMs: Int64, into batch: CommitBatch
    ) -> RestoreReport {
        let slices = savedNow()
        var next = StreamProcessor(configuration: configuration)
        let report = next.restore(slices)
        precondition(report.isUsable, "state that was saved a moment ago: \(report.problem ?? "none")")
        // In their order, so that they keep their numbers; each is known before its state is installed.
        for sensor in directory.sensors { _ = next.recover(sensor, sequence: 0) }
        next.finishRestoring()
        next.book.succeed(book, nowMs: atMs, directory: next.directory, into: batch)
        // What is still to be told belongs to no saved state.
        for lane in lanes.indices {
            next.lanes[lane].shed = lanes[lane].shed
            (next.lanes[lane].late, next.lanes[lane].clamped) = (lanes[lane].late, lanes[lane].clamped)
        }
        next.refusals = refusals
        next.frames = frames
        let outcome = next.restoreReport
        next.restoreReport = restoreReport
        next.restoreReport.sensorsAfresh += outcome.sensorsAfresh
        next.restoreReport.firstReason = restoreReport.firstReason ?? outcome.firstReason
        (next.sequence, next.tallies) = (sequence, tallies)
        // What was saved under other rules is not this state. The next tick begins a new turn.
        next.saving = StateSaving()
        self = next
        return outcome
    }

    /// The whole state as it stands here, without touching a turn that may be under way.
    private func savedNow() -> [StateSlice] {
        var copy = self
        let batch = CommitBatch()
        copy.beginTurn(atMs: nil)
        copy.saveNext(into: batch, budget: .max)
        return batch.stateSlices
    }
}
