import Detection
import Readings

/// One sensor under test, with the plainest incident lifecycle that the rules' durations allow.
struct Street: Equatable {
    struct Incident: Equatable {
        var rule: Rule
        var openedAtMs: Int64
        var onsetMs: Int64
        var closedAtMs: Int64?
        /// What opened it.
        var verdict: Verdict
    }

    private struct Progress: Equatable {
        var pendingSinceMs: Int64?
        var clearSinceMs: Int64?
        var incident: Int?
    }

    private(set) var monitor: SensorMonitor
    private(set) var incidents: [Incident] = []
    private(set) var verdicts: [Verdict] = []
    private(set) var active: RuleSet = []
    /// Rules whose incident a person has called a false alarm.
    var accepted: RuleSet = []
    private var progress = Array(repeating: Progress(), count: Int(Rule.greatestRawValue) + 1)

    init(_ kind: SensorKind, zone: ZoneTable = .utc, parameters: DetectionParameters = DetectionParameters()) {
        monitor = SensorMonitor(kind: kind, zone: zone, parameters: parameters)
    }

    mutating func send(_ quantity: Quantity, _ value: Double, atMs: Int64, view: ZoneView = ZoneView()) {
        verdicts.removeAll(keepingCapacity: true)
        let reading = Reading(
            sensor: SensorIndex(rawValue: 0), quantity: quantity, observedAtMs: atMs, arrivedAtMs: atMs, value: value)
        monitor.observe(reading, active: active, accepted: active.intersection(accepted), view: view, into: &verdicts)
        for verdict in verdicts { apply(verdict) }
    }

    /// Goes on with a monitor that was saved and restored.
    mutating func replaceMonitor(_ other: SensorMonitor) { monitor = other }

    func opened(_ rules: Rule...) -> [Incident] { incidents.filter { rules.contains($0.rule) } }

    private mutating func apply(_ verdict: Verdict) {
        let policy = verdict.rule.lifecycle
        let at = verdict.observedAtMs
        var state = progress[Int(verdict.rule.rawValue)]
        switch verdict.condition {
        case .abnormal, .critical:
            state.clearSinceMs = nil
            let since = state.pendingSinceMs ?? at
            state.pendingSinceMs = since
            if state.incident == nil, verdict.condition == .critical || at - since >= policy.pendingMs {
                state.incident = incidents.count
                incidents.append(
                    Incident(rule: verdict.rule, openedAtMs: at, onsetMs: verdict.onsetMs, verdict: verdict))
            }
        case .unknown: break
        case .between:
            state.clearSinceMs = nil
            if state.incident == nil { state.pendingSinceMs = nil }
        case .normal:
            let since = state.clearSinceMs ?? at
            state.clearSinceMs = since
            if let incident = state.incident, at - since >= policy.clearMs {
                incidents[incident].closedAtMs = at
                state = Progress()
            } else if state.incident == nil {
                state = Progress()
            }
        }
        progress[Int(verdict.rule.rawValue)] = state
        let bit = RuleSet(verdict.rule)
        if state.pendingSinceMs != nil { active.insert(bit) } else { active.remove(bit) }
    }
}

/// SplitMix64: the same numbers on every machine.
struct Random: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Nearly normal, mean 0, variance 1: the sum of twelve uniforms (Irwin–Hall).
    mutating func normal() -> Double {
        (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0..<1, using: &self) }
    }
}

extension Int64 {
    static let minute: Int64 = 60_000
    static let hour: Int64 = 3_600_000
    static let day: Int64 = 86_400_000
    /// 2024-01-01T00:00:00Z, a Monday.
    static let monday: Int64 = 1_704_067_200_000
}

/// Event times as people write them.
func hours(_ ms: Int64) -> Double { Double(ms) / 3_600_000 }
