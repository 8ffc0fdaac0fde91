public import Detection
public import Readings

/// Why a request changed: what the rule that decided it saw at that moment, and what was usual then.
///
/// One for each public step that a sensor's signal led to, with the step's number. It is taken when the step is taken:
/// later the detector may have learned otherwise. The readings themselves stay in the log and the history, from which the
/// store copies what belongs to a request before they grow coarse.
public struct EvidenceMark: Sendable, Equatable {
    public enum Event: UInt8, Sendable, CaseIterable, BitwiseCopyable {
        case opened = 1
        /// Graver than before.
        case updated = 2
        /// Another sensor agrees.
        case joined = 3
        case reopened = 4
        case closed = 5

        public var name: String {
            switch self {
            case .opened: "opened"
            case .updated: "updated"
            case .joined: "joined"
            case .reopened: "reopened"
            case .closed: "closed"
            }
        }
    }

    public var requestID: Int64
    /// ``RequestUpdate/number`` of the public step.
    public var number: Int
    public var event: Event
    /// The daemon's time of the step.
    public var atMs: Int64
    /// Whose reading decided; of a gateway, the first sensor behind it.
    public var sensor: SensorIndex
    /// Its id; filled when a mark is read from the store.
    public var sensorID: String?
    public var verdict: Verdict
    /// Event time from which on readings belong to the evidence.
    public var fromMs: Int64
    public var confidence: Double
    /// The rule's version and parameters.
    public var signature: RuleSignature
    /// What was usual from ``fromMs`` on, and for a while after the step; nil for rules that compare with nothing.
    public var baseline: Baseline?

    public init(
        requestID: Int64, number: Int, event: Event, atMs: Int64, sensor: SensorIndex, verdict: Verdict,
        fromMs: Int64, confidence: Double, signature: RuleSignature = RuleSignature(version: 0, content: ""),
        baseline: Baseline? = nil
    ) {
        self.requestID = requestID
        self.number = number
        self.event = event
        self.atMs = atMs
        self.sensor = sensor
        self.verdict = verdict
        self.fromMs = fromMs
        self.confidence = confidence
        self.signature = signature
        self.baseline = baseline
    }

    /// Up to when the baseline is drawn, event time: as far ahead as the evidence looks back, two days at most.
    public var baselineToMs: Int64 {
        verdict.observedAtMs + min(verdict.rule.evidenceLeadMs, 2 * 86_400_000)
    }
}
