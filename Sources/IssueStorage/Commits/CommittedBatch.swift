public import Incidents
public import Open311
public import Readings

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
    /// Changes of rules that hold now.
    public var ruleChanges: [RuleChange]
    /// How many readings it held, and how many messages went to quarantine.
    public var readingCount: Int
    public var quarantinedCount: Int
    /// The first messages that went to quarantine, at most ``mostQuarantined``.
    public var quarantined: [Quarantined]

    /// Who reads of them one by one needs no more at a time; the rest is counted.
    public static let mostQuarantined = 20

    /// One message that could not be decoded, for the log.
    public struct Quarantined: Sendable, Equatable {
        /// The row in table `quarantine`; nil where it is not known.
        public var id: Int64?
        public var reason: QuarantineReason
        public var topic: String
        public var detail: String
        public var byteCount: Int
    }

    init(_ batch: CommitBatch, quarantineIDs: ArraySlice<Int64?> = []) {
        decisions = batch.decisions
        requests = batch.requests
        updates = batch.updates
        answers = batch.answers
        retried = batch.retried
        ruleChanges = batch.ruleChanges
        readingCount = batch.readings.count
        quarantinedCount = batch.quarantined.count
        let ids = Array(quarantineIDs)
        quarantined = batch.quarantined.prefix(Self.mostQuarantined).enumerated().map { place, message in
            Quarantined(
                id: place < ids.count ? ids[place] : nil, reason: message.reason,
                topic: String(decoding: message.topic, as: UTF8.self), detail: message.detail,
                byteCount: message.payloadBytes)
        }
    }
}
