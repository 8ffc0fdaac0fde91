public import Open311
public import Readings

/// What the pipeline hands to the store: one batch, one transaction.
///
/// A fixed number of batches goes round between the two threads. Arrays keep their capacity, so the steady state
/// allocates nothing.
///
/// `@unchecked Sendable` holds because a batch has one owner at a time: its number travels through a ring, and only
/// the thread that popped the number touches the batch.
public final class CommitBatch: @unchecked Sendable {
    /// Readings in stream order, duplicates removed.
    public var readings: [LoggedReading] = []
    /// Everything else that replay must meet in its place.
    public var events: [StreamEvent] = []
    /// People's words, each with its place in the stream and what came of it.
    public var commands: [LoggedCommand] = []
    /// Sensors met for the first time, and those that the registry describes otherwise from here on.
    public var newSensors: [NewSensor] = []
    public var quarantined: [QuarantinedMessage] = []
    /// What became of quarantined messages that were tried again. Those that were read leave the quarantine.
    public var retried: [RetriedOutcome] = []
    /// Incidents, requests: the whole new state of each that changed, in order of change.
    public var incidents: [IncidentRecord] = []
    public var requests: [ServiceRequest] = []
    public var updates: [RequestUpdate] = []
    /// What decided the updates that sensors' signals led to.
    public var evidence: [EvidenceMark] = []
    public var decisions: [Decision] = []
    /// Parts of the pipeline's state, to be kept for the next start.
    public var stateSlices: [StateSlice] = []
    /// How far brokers' journals need no replay any more, once this is committed. A later one of a journal replaces an earlier.
    public var journalPositions: [JournalPosition] = []
    /// How well sensors are heard: the whole record of each that changed.
    public var links: [SensorLink] = []
    /// How often sensors speak of which nobody has said it, where that has changed.
    public var cadences: [Cadence] = []
    /// Which sources may acknowledge up to where, once this is committed.
    public var acknowledgements: [Acknowledgement] = []
    /// What submitters are to be told, once this is committed.
    public var answers: [CommandAnswer] = []
    /// When the oldest reading that may be in it came from the broker, when the pipeline began with it, and when it was
    /// handed to the store: nanoseconds of a clock that never steps; 0: not known. For measuring only.
    public var receivedAtNs: Int64 = 0
    public var openedAtNs: Int64 = 0
    public var handedAtNs: Int64 = 0
    /// Changes of rules among the commands, as they went, for whoever asked for them.
    public var ruleChanges: [RuleChange] = []

    public init() {}

    public var isEmpty: Bool {
        readings.isEmpty && events.isEmpty && newSensors.isEmpty && quarantined.isEmpty && incidents.isEmpty
            && requests.isEmpty && updates.isEmpty && evidence.isEmpty && decisions.isEmpty && stateSlices.isEmpty
            && journalPositions.isEmpty && links.isEmpty && cadences.isEmpty && acknowledgements.isEmpty
            && commands.isEmpty && answers.isEmpty && retried.isEmpty && ruleChanges.isEmpty
    }

    /// Adds what another batch holds behind what is here.
    public func append(contentsOf other: CommitBatch) {
        readings += other.readings
        events += other.events
        newSensors += other.newSensors
        quarantined += other.quarantined
        incidents += other.incidents
        requests += other.requests
        updates += other.updates
        evidence += other.evidence
        decisions += other.decisions
        stateSlices += other.stateSlices
        journalPositions += other.journalPositions
        links += other.links
        cadences += other.cadences
        acknowledgements += other.acknowledgements
        commands += other.commands
        answers += other.answers
        retried += other.retried
        ruleChanges += other.ruleChanges
    }

    /// Empties it and keeps the capacity.
    public func reset() {
        readings.removeAll(keepingCapacity: true)
        events.removeAll(keepingCapacity: true)
        newSensors.removeAll(keepingCapacity: true)
        quarantined.removeAll(keepingCapacity: true)
        incidents.removeAll(keepingCapacity: true)
        requests.removeAll(keepingCapacity: true)
        updates.removeAll(keepingCapacity: true)
        evidence.removeAll(keepingCapacity: true)
        decisions.removeAll(keepingCapacity: true)
        stateSlices.removeAll(keepingCapacity: true)
        journalPositions.removeAll(keepingCapacity: true)
        links.removeAll(keepingCapacity: true)
        cadences.removeAll(keepingCapacity: true)
        acknowledgements.removeAll(keepingCapacity: true)
        commands.removeAll(keepingCapacity: true)
        answers.removeAll(keepingCapacity: true)
        retried.removeAll(keepingCapacity: true)
        (receivedAtNs, openedAtNs, handedAtNs) = (0, 0, 0)
        ruleChanges.removeAll(keepingCapacity: true)
    }

    /// A sensor with the index that it got in stream order.
    public struct NewSensor: Sendable, Equatable {
        /// Where it was met, or described otherwise.
        public var sequence: Int64
        public var index: SensorIndex
        /// What is known of it from here on.
        public var sensor: Sensor
        /// What was known of it up to here; nil for one that is met for the first time. Replay needs it for what came before.
        public var before: Sensor?

        public init(sequence: Int64, index: SensorIndex, sensor: Sensor, before: Sensor? = nil) {
            self.sequence = sequence
            self.index = index
            self.sensor = sensor
            self.before = before
        }
    }

    /// How often a sensor speaks, as far as that was learned.
    public struct Cadence: Sendable, Equatable, BitwiseCopyable {
        public var sensor: SensorIndex
        /// Seconds.
        public var intervalS: Int

        public init(sensor: SensorIndex, intervalS: Int) { (self.sensor, self.intervalS) = (sensor, intervalS) }
    }

    /// Source number `source` may acknowledge its batches up to `sequence`.
    public struct Acknowledgement: Sendable, Equatable, BitwiseCopyable {
        public var source: Int
        public var sequence: UInt64

        public init(source: Int, sequence: UInt64) { (self.source, self.sequence) = (source, sequence) }
    }
}

/// A reading with its place in the stream.
public struct LoggedReading: Sendable, Equatable, BitwiseCopyable {
    public var sequence: Int64
    public var reading: Reading

    public init(sequence: Int64, reading: Reading) { (self.sequence, self.reading) = (sequence, reading) }
}
