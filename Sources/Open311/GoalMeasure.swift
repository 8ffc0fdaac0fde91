/// What a goal can be set for.
public enum GoalMeasure: String, Sendable, CaseIterable {
    case detectedBeforeReported = "detected_before_reported"
    case leadTime = "lead_time"
    case timeToAcknowledge = "time_to_acknowledge"
    case timeToClose = "time_to_close"
    case onTime = "on_time"
    case falseAlarms = "false_alarms"
    case emptiedInTime = "emptied_in_time"

    /// For people.
    public var title: String {
        switch self {
        case .detectedBeforeReported: "Found by sensors before anyone reported it"
        case .leadTime: "Time between finding and first report"
        case .timeToAcknowledge: "Time until staff take it up"
        case .timeToClose: "Time until it is closed"
        case .onTime: "Dealt with on time"
        case .falseAlarms: "False alarms"
        case .emptiedInTime: "Bins emptied before they were full"
        }
    }

    /// A share of 0 to 1; else a median in seconds.
    public var isShare: Bool {
        switch self {
        case .detectedBeforeReported, .onTime, .falseAlarms, .emptiedInTime: true
        case .leadTime, .timeToAcknowledge, .timeToClose: false
        }
    }

    /// Whether more is better.
    public var isFloor: Bool {
        switch self {
        case .detectedBeforeReported, .leadTime, .onTime, .emptiedInTime: true
        case .timeToAcknowledge, .timeToClose, .falseAlarms: false
        }
    }
}
