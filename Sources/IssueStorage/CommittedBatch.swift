public import Incidents
public import Open311

/// What one committed batch said, for whoever tells people: the log, the live tail, the dashboard's events.
public struct CommittedBatch: Sendable {
    public var decisions: [Decision]
    /// The new state of each request that changed, in order of change.
    public var requests: [ServiceRequest]
    public var updates: [RequestUpdate]
    /// What those who posted commands are to be told.
    public var answers: [CommandAnswer]
    /// What became of quarantined messages that were tried again.
    public var retried: [RetriedOutcome]
    /// How many readings it held, and how many messages went to quarantine.
    public var readingCount: Int
    public var quarantinedCount: Int

    init(_ batch: CommitBatch) {
        decisions = batch.decisions
        requests = batch.requests
        updates = batch.updates
        answers = batch.answers
        retried = batch.retried
        readingCount = batch.readings.count
        quarantinedCount = batch.quarantined.count
    }
}
