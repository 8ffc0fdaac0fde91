/// What staff found when it looked at the requests that one rule had raised.
public struct DetectorFindings: Sendable, Equatable {
    /// The rule's name.
    public var detector: String
    public var confirmed = 0
    public var falseAlarms = 0
    public var fixed = 0

    /// Each finding counts once: with the request that the rule raised, not with its duplicates and shares, which have it too.
    static let condition = "verdict <> 'unreviewed' AND detector <> '' AND parent_id IS NULL"

    init(detector: String) { self.detector = detector }

    mutating func add(_ verdict: String, _ count: Int) {
        switch verdict {
        case "confirmed": confirmed += count
        case "false_alarm": falseAlarms += count
        default: fixed += count
        }
    }
}
