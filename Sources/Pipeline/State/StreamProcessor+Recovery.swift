internal import Detection
public import Incidents
public import Open311
public import Readings

// Rebuilding the state at start, by meeting the logged stream again.
extension StreamProcessor {
    /// Tells which requests the store holds, before the log is replayed: an incident met again keeps its request's id.
    ///
    /// - Parameter greatestID: the greatest number that was given, if its request is not among them.
    public mutating func expect(requestIDs: [String: Int64], numbersUpTo greatestID: Int64 = 0) {
        book.expect(requestIDs: requestIDs, numbersUpTo: greatestID)
    }

    /// A sensor from the store, in the order in which indexes were given. Returns the index that it has got.
    ///
    /// It is what it was known as in that place, whatever the registry says by now: that holds behind the log.
    public mutating func recover(_ sensor: Sensor, sequence: Int64) -> SensorIndex {
        installSlices(before: sequence)
        self.sequence = max(self.sequence, sequence)
        return add(sensor)
    }

    /// A logged reading. What follows from it goes into `batch`, which the caller throws away: it is stored already.
    public mutating func recover(_ logged: LoggedReading, discarding batch: CommitBatch) {
        guard logged.sequence > restoreReport.sequence else { return }
        installSlices(before: logged.sequence)
        let reading = logged.reading
        guard isStored(reading.sensor) else { return note(logged.sequence) }
        if restoring?.awaitsLane(reading.sensor) == true {
            guard !reading.flags.contains(.retried) else { return note(logged.sequence) }
            silence.heard(reading.sensor, source: Int(reading.source), atMs: reading.arrivedAtMs)
        } else {
            remember(logged, into: batch)
            judge(reading, into: batch)
            forgetCrossings()
        }
        note(logged.sequence)
    }

    private mutating func note(_ met: Int64) { sequence = max(sequence, met) }

    /// Whether a logged entry is of a sensor that was stored before it; counts it if not.
    private mutating func isStored(_ sensor: SensorIndex) -> Bool {
        let isStored = sensor.int < directory.sensors.count
        if !isStored { restoreReport.strays += 1 }
        return isStored
    }

    /// A logged tick or change of a connection.
    public mutating func recover(_ event: StreamEvent, discarding batch: CommitBatch) {
        guard event.sequence > restoreReport.sequence else { return }
        installSlices(before: event.sequence)
        if event.sensor.map({ isStored($0) }) ?? true { replay(event, into: batch) }
        forgetCrossings()
        note(event.sequence)
    }

    /// A logged command, with what came of it.
    public mutating func recover(_ logged: LoggedCommand, discarding batch: CommitBatch) {
        guard logged.sequence > restoreReport.sequence else { return }
        installSlices(before: logged.sequence)
        book.replay(logged.command, logged.outcome, directory: directory, into: batch)
        forgetCrossings()
        sequence = max(sequence, logged.sequence)
    }

    /// What was said to the stream because of what was met stands in the log itself.
    mutating func forgetCrossings() {
        if book.hasCrossings { _ = book.takeCrossings() }
    }

    /// Requests whose last updates' numbers ``finishRecovery(openRequests:lastUpdates:metSinceMs:atMs:into:)`` needs beside
    /// those of open ones.
    public var requestsOfSensors: [Int64] { book.requestsOfSensors }

    /// Ends the recovery: nobody is connected any more, and what the log led to is brought together with what the store
    /// holds. What has to be stored for that goes into `batch`, to be committed before anything else.
    ///
    /// - Parameter metSinceMs: since when everything that was stored has been met; a usable saved state has met all.
    public mutating func finishRecovery(
        openRequests: [ServiceRequest], lastUpdates: [Int64: Int], metSinceMs: Int64 = .min, atMs: Int64,
        into batch: CommitBatch
    ) {
        finishRestoring()
        // Where nothing had to be met again, the saved state knows the time.
        let atMs = max(atMs, silence.tickedAtMs ?? atMs)
        for source in connected { connection(isUp: false, source: source, atMs: atMs, into: batch) }
        book.reconcile(
            stored: openRequests, lastUpdates: lastUpdates, metSinceMs: restoreReport.isUsable ? .min : metSinceMs,
            nowMs: atMs, directory: directory, into: batch)
    }

    /// Files a request that no sensor raised. After ``finishRecovery(openRequests:lastUpdates:metSinceMs:atMs:into:)``.
    public mutating func file(_ notice: Notice, atMs: Int64, into batch: CommitBatch) {
        book.file(notice, nowMs: atMs, into: batch)
    }
}
