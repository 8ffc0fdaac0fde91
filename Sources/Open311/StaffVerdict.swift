/// What staff found on the spot: kept, and counted for each detector.
public enum StaffVerdict: String, Sendable, CaseIterable, Codable {
    case unreviewed, confirmed
    case falseAlarm = "false_alarm"
    case fixed
}
