public import Incidents
public import Readings

// Rebuilding the state at start, by meeting the logged stream again.
extension StreamProcessor {
    /// Tells which requests the store holds, before the log is replayed: an incident met again keeps its request's id.
    public mutating func expect(requestIDs: [String: Int64]) {
        book.expect(requestIDs: requestIDs)
    }

    /// A sensor from the store, in the order in which indexes were given.
    ///
    /// What the registry says now replaces what was stored, so that an edited registry takes effect.
    public mutating func recover(_ sensor: Sensor, sequence: Int64) {
        _ = add(registry[sensor.id] ?? sensor)
        self.sequence = max(self.sequence, sequence)
    }

    /// A logged reading. What follows from it goes into `batch`, which the caller throws away: it is stored already.
    public mutating func recover(_ logged: LoggedReading, discarding batch: CommitBatch) {
        remember(logged.reading)
        judge(logged.reading, into: batch)
        sequence = max(sequence, logged.sequence)
    }

    /// A logged tick or change of a connection.
    public mutating func recover(_ event: StreamEvent, discarding batch: CommitBatch) {
        replay(event, into: batch)
        sequence = max(sequence, event.sequence)
    }
}
