public import Readings

/// How one sensor does, as the store tells it.
public struct SensorStanding: Sendable, Equatable {
    public var sensor: Sensor
    /// Event time of its newest reading, in milliseconds since the Unix epoch; nil for one that was never heard.
    public var lastHeardMs: Int64?
    /// Seconds between its messages, as far as they were learned because nobody said it.
    public var learnedIntervalS: Int?
    /// Battery charge in percent, where its newest readings say it.
    public var batteryPercent: Double?
    /// The share of its newest frames that never came, by the frame counter, from 0 to 1; nil without a counter, or with too
    /// few frames to tell.
    public var lostShare: Double?
    /// Rules about the sensor itself that fire now, by name: `silence`, `stuck`, `implausible`.
    public var faults: [String] = []
    /// Open requests about what it measures, or about itself.
    public var openRequests: [Int64] = []

    public init(sensor: Sensor) { self.sensor = sensor }

    /// Seconds between its messages: the registry's word, else what was learned.
    public var intervalS: Int? { sensor.expectedIntervalS ?? learnedIntervalS }
    /// Whether ``intervalS`` was learned.
    public var isIntervalLearned: Bool { sensor.expectedIntervalS == nil && learnedIntervalS != nil }
}

/// One quantity that a sensor has sent.
public struct SensorStream: Sendable, Equatable {
    public var quantity: Quantity
    /// Event times of the oldest and newest reading that are kept, in milliseconds since the Unix epoch.
    public var firstMs: Int64
    public var lastMs: Int64

    public init(quantity: Quantity, firstMs: Int64, lastMs: Int64) {
        (self.quantity, self.firstMs, self.lastMs) = (quantity, firstMs, lastMs)
    }
}

/// What one rule found at a sensor.
public struct SensorFinding: Sendable, Equatable {
    public var rule: String
    /// `pending`, `firing` or `resolved`.
    public var state: String
    public var sinceMs: Int64
    public var resolvedAtMs: Int64?
    public var requestID: Int64?
}
