public import Detection
public import Readings

/// One sensor's incident, as the replay raised it, before sensors are grouped into requests.
///
/// Rules of one sensor that file into one request while one of them fires are one incident: whoever is sent learns of it
/// once. A request that is reopened is another: whoever came the first time is sent again.
public struct DetectedIncident: Sendable, Equatable {
    public var sensorID: String
    public var kind: SensorKind
    /// The rule that opened it.
    public var rule: Rule
    /// When the replay knew: the arrival of the reading, or the tick, that opened and closed it. Nil while open.
    public var openedAtMs: Int64
    public var closedAtMs: Int64?
    /// When, in event time, what the rule saw began.
    public var onsetMs: Int64
    /// The detector's own statistic at opening, and what it is about.
    public var score: Double
    public var quantity: Quantity
    public var observed: Double
    public var expected: Double
    /// How likely it was at opening that it is real, 0–1.
    public var confidence: Double

    public init(
        sensorID: String, kind: SensorKind, rule: Rule, openedAtMs: Int64, closedAtMs: Int64? = nil,
        onsetMs: Int64? = nil, score: Double = 0, quantity: Quantity = .generic, observed: Double = 0,
        expected: Double = 0, confidence: Double = 1
    ) {
        self.sensorID = sensorID
        self.kind = kind
        self.rule = rule
        self.openedAtMs = openedAtMs
        self.closedAtMs = closedAtMs
        self.onsetMs = onsetMs ?? openedAtMs
        self.score = score
        self.quantity = quantity
        self.observed = observed
        self.expected = expected
        self.confidence = confidence
    }

    /// Of the street or of the sensor.
    public var `class`: Label.Class { rule.isFault ? .fault : .event }

    /// What labels call it, where the rule alone tells: an incident prefers a label of its own type.
    public var type: String {
        switch rule {
        case .binFire: "fire"
        case .binFull: "overflow"
        case .binDumping: "dumping"
        case .silence, .gatewaySilence: "dropout"
        default: rule.name
        }
    }
}
