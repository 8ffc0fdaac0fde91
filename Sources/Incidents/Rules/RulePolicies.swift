public import Detection

/// What configuration may say of each rule: whether it is on, how long it waits, how grave it is.
public struct RulePolicies: Sendable, Equatable {
    /// One rule's policy.
    public struct Policy: Sendable, Equatable {
        /// Key `rules.<name>.enabled`.
        public var isEnabled = true
        /// Keys `rules.<name>.pending`, `.clear` and `.hold_off`.
        public var lifecycle: LifecyclePolicy
        /// 1 (look at it some day) to 4 (at once) before the size of the incident is known. Key `rules.<name>.severity`.
        public var severity: Int
        /// An incident opens only once its score is this high; 0 leaves it to the detector alone. `sluice budget` finds the
        /// score that keeps to so many requests a day. Not for rules that tell changes only. Key
        /// `rules.<name>.least_score`.
        public var leastScore = 0.0
    }

    private var policies: [Policy]

    /// The defaults of every rule.
    public init() {
        // By raw value; entries of numbers that are no rule are never asked for.
        policies = (0...Int(Rule.greatestRawValue)).map { number in
            let rule = Rule(rawValue: UInt8(max(number, 1))) ?? .nightFlow
            return Policy(lifecycle: rule.lifecycle, severity: rule.severity)
        }
    }

    public subscript(_ rule: Rule) -> Policy {
        get { policies[Int(rule.rawValue)] }
        set { policies[Int(rule.rawValue)] = newValue }
    }
}

extension Rule {
    /// How grave an incident of this rule is, before its size is known.
    var severity: Int {
        switch self {
        case .binFire: 4
        case .burst, .gatewaySilence: 3
        case .nightFlow, .meterNeverZero, .wetContact, .leakNoise, .congestion, .trafficDrop, .binFull, .binTilt,
            .binDumping, .anomaly:
            2
        case .silence, .stuck, .implausible, .drift, .clock, .binForecast: 1
        }
    }
}
