internal import Detection
public import Incidents
public import Readings

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
// Both are entries of the stream, so that replay meets each reading by the rules and with the sensors that held when it was
// first met. The log holds the rules; of a registry the store holds, beside the log, each sensor that became another one.
//
// It is what a start in order does: the state is saved and taken over by a processor of the new rules, only that it never
// leaves memory. So a detector goes on with what it has learned wherever a restart would let it.
extension StreamProcessor {
    /// Lets other rules, and what the registry says now, hold from here on, and logs that. Requests that nothing holds open
    /// any more are closed with a note; what the registry says of a sensor now is stored, beside what was known of it before.
    ///
    /// Costs about what a start costs that finds everything saved: some 30 µs a sensor.
    public mutating func take(_ change: RuleSwitch, into batch: CommitBatch) {
        var outcome = RuleChange(hash: change.rules.hash)
        let report = switchOver(.rules(change.rules), to: change.configuration, atMs: change.atMs, into: batch)
        (outcome.sensorsKept, outcome.sensorsAfresh) = (report.sensorsRestored, report.sensorsAfresh)
        outcome.firstReason = report.firstReason
        batch.ruleChanges.append(outcome)
    }

    /// The same for a registry alone: rules stay what they are. With the registry come the clocks that its sensors follow.
    ///
    /// - Returns: which sensors' detectors go on, and which begin afresh.
    @discardableResult
    public mutating func take(
        registryOf today: PipelineConfiguration, atMs: Int64, into batch: CommitBatch
    ) -> RestoreReport {
        var configuration = configuration
        (configuration.registry, configuration.sensorZones) = (today.registry, today.sensorZones)
        return switchOver(.registry, to: configuration, atMs: atMs, into: batch)
    }

    private mutating func switchOver(
        _ content: StreamCommand.Content, to configuration: PipelineConfiguration, atMs: Int64, into batch: CommitBatch
    ) -> RestoreReport {
        sequence += 1
        let command = StreamCommand(ticket: 0, atMs: atMs, content)
        batch.commands.append(LoggedCommand(sequence: sequence, command: command, outcome: .applied))
        let (before, after) = (directory.sensors, described(by: configuration.registry))
        let report = judge(by: configuration, sensors: after, atMs: atMs, into: batch)
        for (number, sensor) in after.enumerated() where sensor != before[number] {
            let index = SensorIndex(rawValue: UInt32(number))
            batch.newSensors.append(
                CommitBatch.NewSensor(sequence: sequence, index: index, sensor: sensor, before: before[number]))
        }
        return report
    }

    /// A logged change of rules or registry, read again. What follows from it goes into `batch`, which the caller throws away.
    ///
    /// - Parameters:
    ///   - configuration: the rules that hold from here on; nil for those that do already.
    ///   - sensors: those that were described otherwise from here on, as they were then.
    public mutating func recover(
        _ logged: LoggedCommand, as configuration: PipelineConfiguration? = nil, sensors changed: [Sensor],
        discarding batch: CommitBatch
    ) {
        guard logged.sequence > restoreReport.sequence else { return }
        // A turn of saving that a change of rules cuts off is given up, so none that was ended waits beyond this place.
        finishRestoring()
        var sensors = directory.sensors
        for sensor in changed {
            guard let index = indexes[sensor.id] else { continue }
            sensors[index.int] = sensor
        }
        _ = judge(
            by: configuration ?? self.configuration, sensors: sensors, atMs: logged.command.atMs, into: batch)
        sequence = max(sequence, logged.sequence)
    }

    /// Whether a registry says of a sensor that has been met something else than what is known of it. Asked at the end of a
    /// recovery: what was edited while nobody ran holds from there on.
    public func isDescribedOtherwise(by registry: [Sensor]) -> Bool { described(by: registry) != directory.sensors }

    /// The sensors that have been met, as a registry has them. One that it does not name stays what it was; so does a gateway
    /// that it does not name.
    private func described(by registry: [Sensor]) -> [Sensor] {
        var sensors = directory.sensors
        // Of several with one id the first counts.
        for known in registry.reversed() {
            guard let index = indexes[known.id] else { continue }
            sensors[index.int] = known
            sensors[index.int].gateway = known.gateway ?? directory[index].gateway
        }
        return sensors
    }

    /// - Parameter sensors: by index, what each is from here on.
    private mutating func judge(
        by configuration: PipelineConfiguration, sensors: [Sensor], atMs: Int64, into batch: CommitBatch
    ) -> RestoreReport {
        var slices = savedNow()
        // What is still to be told belongs to no saved state.
        let untold = lanes.map(\.untold)
        // All that they hold is in the slices now. With a million sensors the memory has no room for them twice.
        lanes = []
        var next = StreamProcessor(configuration: configuration)
        let report = next.restore(slices)
        slices = []
        precondition(report.isUsable, "state that was saved a moment ago: \(report.problem ?? "none")")
        // In their order, so that they keep their numbers; each is known before its state is installed.
        for sensor in sensors { _ = next.recover(sensor, sequence: 0) }
        next.finishRestoring()
        next.book.succeed(book, nowMs: atMs, directory: next.directory, into: batch)
        for lane in untold.indices { next.lanes[lane].untold = untold[lane] }
        next.refusals = refusals
        next.frames = frames
        let outcome = next.restoreReport
        next.restoreReport = restoreReport
        next.restoreReport.sensorsAfresh += outcome.sensorsAfresh
        next.restoreReport.sensorsRestored = max(0, restoreReport.sensorsRestored - outcome.sensorsAfresh)
        next.restoreReport.firstReason = restoreReport.firstReason ?? outcome.firstReason
        (next.sequence, next.tallies) = (sequence, tallies)
        // What was saved under other rules is not this state. The next tick begins a new turn.
        next.saving = StateSaving()
        self = next
        return outcome
    }

    /// The whole state as it stands here. A turn that may be under way is given up.
    private mutating func savedNow() -> [StateSlice] {
        let batch = CommitBatch()
        beginTurn(atMs: nil)
        saveNext(into: batch, budget: .max)
        return batch.stateSlices
    }
}
