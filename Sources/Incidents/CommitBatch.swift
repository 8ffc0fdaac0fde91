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
    public var newSensors: [NewSensor] = []
    public var quarantined: [QuarantinedMessage] = []
    /// Incidents, requests: the whole new state of each that changed, in order of change.
    public var incidents: [IncidentRecord] = []
    public var requests: [ServiceRequest] = []
    public var updates: [RequestUpdate] = []
    public var decisions: [Decision] = []
    /// Which sources may acknowledge up to where, once this is committed.
    public var acknowledgements: [Acknowledgement] = []

    public init() {}

    public var isEmpty: Bool {
        readings.isEmpty && events.isEmpty && newSensors.isEmpty && quarantined.isEmpty && incidents.isEmpty
            && requests.isEmpty && updates.isEmpty && decisions.isEmpty && acknowledgements.isEmpty
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
        decisions += other.decisions
        acknowledgements += other.acknowledgements
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
        decisions.removeAll(keepingCapacity: true)
        acknowledgements.removeAll(keepingCapacity: true)
    }

    /// A sensor met for the first time, with the index that it got in stream order.
    public struct NewSensor: Sendable, Equatable {
        public var sequence: Int64
        public var index: SensorIndex
        public var sensor: Sensor

        public init(sequence: Int64, index: SensorIndex, sensor: Sensor) {
            self.sequence = sequence
            self.index = index
            self.sensor = sensor
        }
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

/// What else the stream holds, with its place in it.
public struct StreamEvent: Sendable, Equatable, BitwiseCopyable {
    public enum Kind: UInt8, Sendable, BitwiseCopyable {
        case tick = 1
        case connectionUp = 2
        case connectionDown = 3
        /// A sensor spoke, but said nothing new: at most once a minute, so that replay knows that it was heard.
        case heard = 4
    }

    public var sequence: Int64
    public var kind: Kind
    /// The source whose connection it was; 0 for ticks.
    public var source: Int
    /// Who was heard; nil for all other kinds.
    public var sensor: SensorIndex?
    /// The daemon's time.
    public var atMs: Int64

    public init(sequence: Int64, kind: Kind, source: Int, sensor: SensorIndex? = nil, atMs: Int64) {
        self.sequence = sequence
        self.kind = kind
        self.source = source
        self.sensor = sensor
        self.atMs = atMs
    }
}

/// A message that could not become readings, kept for people to look at and to decode again.
public struct QuarantinedMessage: Sendable, Equatable {
    public var reason: QuarantineReason
    public var arrivedAtMs: Int64
    public var topic: [UInt8]
    /// What was found where, and what is right.
    public var detail: String
    /// The payload, or its first 4 KiB when it was longer than 64 KiB.
    public var payload: [UInt8]
    /// Bytes that the payload had.
    public var payloadBytes: Int
    /// SHA-256 of the whole payload, when only its head is kept.
    public var payloadSHA256: [UInt8]?

    /// Takes apart what crossed the ring beside `header`.
    ///
    /// - Precondition: `bytes` are the `header.byteCount` that it announces.
    public init(_ header: QuarantineHeader, bytes: [UInt8]) {
        precondition(
            bytes.count == header.byteCount, "\(header.byteCount) bytes were announced, \(bytes.count) are there")
        let detailStart = Int(header.topicBytes)
        let payloadStart = detailStart + Int(header.detailBytes)
        let payloadEnd = payloadStart + Int(header.keptBytes)
        self.init(
            reason: header.reason, arrivedAtMs: header.arrivedAtMs, topic: Array(bytes[..<detailStart]),
            detail: String(decoding: bytes[detailStart..<payloadStart], as: UTF8.self),
            payload: Array(bytes[payloadStart..<payloadEnd]), payloadBytes: Int(header.payloadBytes),
            payloadSHA256: header.isCut ? Array(bytes[payloadEnd...]) : nil)
    }

    public init(
        reason: QuarantineReason, arrivedAtMs: Int64, topic: [UInt8], detail: String, payload: [UInt8],
        payloadBytes: Int, payloadSHA256: [UInt8]? = nil
    ) {
        self.reason = reason
        self.arrivedAtMs = arrivedAtMs
        self.topic = topic
        self.detail = detail
        self.payload = payload
        self.payloadBytes = payloadBytes
        self.payloadSHA256 = payloadSHA256
    }
}
