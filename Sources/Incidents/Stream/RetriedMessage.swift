public import Readings

/// A quarantined message that today's routes can read, on its way into the stream.
///
/// It is met as a whole: its readings and the end of its quarantine stand in one batch, and so in one transaction.
public struct RetriedMessage: Sendable, Equatable {
    /// Its number in the quarantine.
    public var id: Int64
    /// Now, by the daemon's clock, in milliseconds since the Unix epoch.
    public var atMs: Int64
    /// When the message had arrived.
    public var arrivedAtMs: Int64
    public var sensors: [Mention]
    /// Each of a sensor of ``sensors``, by its place there.
    public var readings: [DecodedMessage.Measurement]
    /// The route that reads it today, and its topic: what newcomers are judged by.
    public var route: String?
    public var topic: String?

    public struct Mention: Sendable, Equatable {
        public var id: String
        public var kind: SensorKind

        public init(id: String, kind: SensorKind) { (self.id, self.kind) = (id, kind) }
    }

    public init(
        id: Int64, atMs: Int64, arrivedAtMs: Int64, sensors: [Mention], readings: [DecodedMessage.Measurement]
    ) {
        (self.id, self.atMs, self.arrivedAtMs) = (id, atMs, arrivedAtMs)
        (self.sensors, self.readings) = (sensors, readings)
    }
}

/// What became of a ``RetriedMessage``.
public struct RetriedOutcome: Sendable, Equatable {
    /// The message's number in the quarantine.
    public var id: Int64
    public var result: Result

    public enum Result: Sendable, Equatable {
        /// Its readings are history, and it is in quarantine no longer. What was known already is not counted.
        case read(readings: Int)
        /// Policy does not admit one of its sensors: it stays.
        case refused(QuarantineReason, sensor: String)
    }

    public init(id: Int64, result: Result) { (self.id, self.result) = (id, result) }

    /// Whether the message leaves the quarantine.
    public var isRead: Bool {
        if case .read = result { true } else { false }
    }
}
