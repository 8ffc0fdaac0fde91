/// Which incident belongs to which label: the one question that all figures come from.
///
/// An incident is a hit of a label if it has the label's sensor and class, and opened between the label's start and end
/// (widened by what the label says, at least a step before the start). Among several labels it takes one of its own type,
/// then one that is not found yet, then one that must be found, then the latest. A further incident of a found label is
/// a duplicate. What opens before the evaluation begins, in a stretch that nobody can judge, or while a street recovers,
/// is not counted; everything else is false.
public struct Matching: Sendable {
    /// What became of one incident. Labels are given by their place in ``LabelledSet/labels``.
    public enum Verdict: Sendable, Equatable {
        /// The first hit of this label.
        case hit(label: Int)
        /// A hit of a label that is found already: a request that flaps.
        case duplicate(label: Int)
        /// An incident of the street in a sensor's fault, or the other way round. Counts as false.
        case wrongClass(label: Int)
        case falseAlarm
        case notCounted
    }

    /// An incident, where it was, and what became of it.
    public struct Judged: Sendable, Equatable {
        public var incident: DetectedIncident
        /// Its place in ``LabelledSet/sensors``.
        public var sensor: Int
        public var verdict: Verdict
    }

    public let set: LabelledSet
    /// What was looked for: incidents of the street, or faults of sensors.
    public let `class`: Label.Class
    /// Incidents of that class at sensors of the set, by time of opening.
    public let judged: [Judged]
    /// By sensor: the places of its labels of that class, and of all others.
    let own: [[Int]]
    let others: [[Int]]

    /// - Precondition: `class` is `event` or `fault`.
    public init(_ incidents: [DetectedIncident], set: LabelledSet, class: Label.Class) {
        precondition(`class` == .event || `class` == .fault, "nothing is raised for \(`class`.rawValue)")
        self.set = set
        self.class = `class`
        var own = [[Int]](repeating: [], count: set.sensors.count)
        var others = own
        for (place, label) in set.labels.enumerated() {
            if label.class == `class` { own[label.sensor].append(place) } else { others[label.sensor].append(place) }
        }
        (self.own, self.others) = (own, others)
        var judge = Judge(set: set, own: own, others: others)
        var judged: [Judged] = []
        for incident in incidents.sortedByOpening() where incident.class == `class` {
            guard let sensor = set.place(ofSensor: incident.sensorID) else { continue }
            judged.append(Judged(incident: incident, sensor: sensor, verdict: judge.verdict(on: incident, at: sensor)))
        }
        self.judged = judged
    }
}

extension [DetectedIncident] {
    /// By time of opening; of one moment in the order of raising.
    func sortedByOpening() -> [DetectedIncident] {
        enumerated().sorted { ($0.element.openedAtMs, $0.offset) < ($1.element.openedAtMs, $1.offset) }.map(\.element)
    }
}

/// Goes through the incidents in order, and remembers what has been found.
private struct Judge {
    let set: LabelledSet
    let own: [[Int]]
    let others: [[Int]]
    /// Events found so far, by sensor.
    private var found: Set<Finding> = []

    private struct Finding: Hashable {
        var sensor: Int
        var eventID: String
    }

    init(set: LabelledSet, own: [[Int]], others: [[Int]]) { (self.set, self.own, self.others) = (set, own, others) }

    mutating func verdict(on incident: DetectedIncident, at sensor: Int) -> Matching.Verdict {
        let openedMs = incident.openedAtMs
        let stretch = set.sensors[sensor]
        guard stretch.evaluateFromMs <= openedMs, openedMs <= stretch.evaluateToMs else { return .notCounted }
        if let place = choose(for: incident, at: sensor) {
            let isNew = found.insert(Finding(sensor: sensor, eventID: set.labels[place].eventID)).inserted
            return isNew ? .hit(label: place) : .duplicate(label: place)
        }
        let everyone = own[sensor] + others[sensor]
        if everyone.contains(where: { set.labels[$0].class != .ignore && set.labels[$0].excuses(openedMs) }) {
            return .notCounted
        }
        if others[sensor].contains(where: { set.labels[$0].class == .ignore && set.labels[$0].covers(openedMs) }) {
            return .notCounted
        }
        // What another class's label adds behind its end excuses nothing here.
        let wrong = others[sensor].first {
            let label = set.labels[$0]
            return label.startMs - label.preMs <= openedMs && openedMs <= label.endMs
        }
        return wrong.map { .wrongClass(label: $0) } ?? .falseAlarm
    }

    /// The label that the incident is a hit of, or nil.
    private func choose(for incident: DetectedIncident, at sensor: Int) -> Int? {
        let hits = own[sensor].filter { set.labels[$0].covers(incident.openedAtMs) }
        let ofItsType = hits.filter { set.labels[$0].type == incident.type }
        var best: Int?
        for place in ofItsType.isEmpty ? hits : ofItsType {
            if let known = best, !isBetter(place, than: known) { continue }
            best = place
        }
        return best
    }

    private func isBetter(_ place: Int, than other: Int) -> Bool {
        let (a, b) = (set.labels[place], set.labels[other])
        let isNew = { (label: Label) in !found.contains(Finding(sensor: label.sensor, eventID: label.eventID)) }
        if isNew(a) != isNew(b) { return isNew(a) }
        if a.isOptional != b.isOptional { return !a.isOptional }
        return a.startMs > b.startMs
    }
}
