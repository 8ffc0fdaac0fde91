internal import Detection
internal import Readings

/// Which incidents appear, vanish and move when other rules replay the same recording.
///
/// Two incidents are the same one if they are of one sensor and class and their times overlap; each has one partner at
/// most, and earlier ones choose first.
public struct IncidentComparison: Sendable {
    public struct Pair: Sendable, Equatable {
        public var before: DetectedIncident
        public var after: DetectedIncident
    }

    public private(set) var appeared: [DetectedIncident] = []
    public private(set) var vanished: [DetectedIncident] = []
    /// The same incident, opened at another time or by another rule.
    public private(set) var moved: [Pair] = []
    public private(set) var unchanged = 0

    private struct Place: Hashable {
        var sensorID: String
        var `class`: Label.Class
    }

    public init(before: [DetectedIncident], after: [DetectedIncident]) {
        let place = { (incident: DetectedIncident) in Place(sensorID: incident.sensorID, class: incident.class) }
        var waiting = Dictionary(grouping: after.sortedByOpening(), by: place)
        for incident in before.sortedByOpening() {
            let candidates = waiting[place(incident)] ?? []
            guard let number = candidates.firstIndex(where: { incident.overlaps($0) }) else {
                vanished.append(incident)
                continue
            }
            let partner = candidates[number]
            waiting[place(incident)]?.remove(at: number)
            if partner.openedAtMs == incident.openedAtMs, partner.rule == incident.rule {
                unchanged += 1
            } else {
                moved.append(Pair(before: incident, after: partner))
            }
        }
        appeared = waiting.values.joined().sorted { ($0.openedAtMs, $0.sensorID) < ($1.openedAtMs, $1.sensorID) }
    }

    /// Each as a line for people.
    public var lines: [String] {
        let head = { (sign: String, incident: DetectedIncident) in
            "\(sign) \(Timestamp.format(incident.openedAtMs))  \(incident.sensorID)  \(incident.rule.name)"
        }
        return vanished.map { head("-", $0) } + appeared.map { head("+", $0) }
            + moved.map { pair in
                let hours = Double(pair.after.openedAtMs - pair.before.openedAtMs) / 3_600_000
                let rule = pair.after.rule == pair.before.rule ? "" : ", by \(pair.after.rule.name)"
                let direction = hours < 0 ? "sooner" : "later"
                return "\(head("~", pair.before)): \(span(hours: hours.magnitude)) \(direction)\(rule)"
            } + ["\(appeared.count) appear, \(vanished.count) vanish, \(moved.count) move, \(unchanged) stay"]
    }
}

extension DetectedIncident {
    fileprivate func overlaps(_ other: DetectedIncident) -> Bool {
        openedAtMs <= other.closedAtMs ?? .max && other.openedAtMs <= closedAtMs ?? .max
    }
}
