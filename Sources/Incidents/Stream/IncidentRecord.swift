public import Detection
public import Readings

/// One sensor's part in a request, from the first odd reading to the last: what is stored of it.
public struct IncidentRecord: Sendable, Equatable {
    public enum State: UInt8, Sendable, BitwiseCopyable, CaseIterable {
        case pending = 1
        case firing = 2
        case resolved = 3

        public var name: String {
            switch self {
            case .pending: "pending"
            case .firing: "firing"
            case .resolved: "resolved"
            }
        }
    }

    /// Service, place, rule and onset: fixed when the incident becomes pending.
    public var key: String
    public var sensor: SensorIndex
    public var rule: Rule
    public var ruleVersion: Int
    public var state: State
    /// Event times; nil for what has not come yet.
    public var pendingSinceMs: Int64
    public var firingSinceMs: Int64?
    public var resolvedAtMs: Int64?
    /// The request that it belongs to, from firing on.
    public var requestID: Int64?
    /// The worst moment up to the last change of state: what is stored is not written again for each reading.
    public var peak: Verdict

    public init(
        key: String, sensor: SensorIndex, rule: Rule, ruleVersion: Int, state: State, pendingSinceMs: Int64,
        peak: Verdict
    ) {
        self.key = key
        self.sensor = sensor
        self.rule = rule
        self.ruleVersion = ruleVersion
        self.state = state
        self.pendingSinceMs = pendingSinceMs
        self.peak = peak
    }
}
