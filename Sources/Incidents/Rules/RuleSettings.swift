public import Detection

/// What sensors are judged by: the detectors' thresholds, and for each rule whether it holds, how long it waits, how grave
/// it is.
public struct RuleSettings: Sendable, Equatable {
    public var detection = DetectionParameters()
    public var policies = RulePolicies()

    public init() {}
}
