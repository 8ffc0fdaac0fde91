/// One of several parts of a labelled set, to set thresholds on some and to judge them on the others.
///
/// Events are dealt out in turn, group by group, in order of their start; what belongs to no event goes by its sensor
/// and its week. So each part has its share of every group, and all sensors' warm-up is in every part.
public struct Fold: Sendable, Equatable {
    /// From 0.
    public let number: Int
    public let count: Int
    private let numbers: [String: Int]

    /// - Precondition: `number` is one of `count`.
    public init(_ number: Int, of count: Int, set: LabelledSet) {
        precondition(count > 0 && (0..<count).contains(number), "there is no part \(number) of \(count)")
        self.number = number
        self.count = count
        var groups: [String: [String: Int64]] = [:]
        for label in set.labels where label.class == .event || label.class == .fault {
            let group = set.sensors[label.sensor].group
            let earliest = groups[group]?[label.eventID] ?? .max
            groups[group, default: [:]][label.eventID] = min(earliest, label.eventStartMs)
        }
        var numbers: [String: Int] = [:]
        for group in groups.keys.sorted() {
            let events = groups[group, default: [:]].sorted { ($0.value, $0.key) < ($1.value, $1.key) }
            for (place, event) in events.enumerated() where numbers[event.key] == nil {
                numbers[event.key] = place % count
            }
        }
        self.numbers = numbers
    }

    func contains(eventID: String) -> Bool { numbers[eventID] == number }

    func contains(_ judged: Matching.Judged, in set: LabelledSet) -> Bool {
        switch judged.verdict {
        case .hit(let place), .duplicate(let place): return numbers[set.labels[place].eventID] == number
        case .wrongClass, .falseAlarm, .notCounted:
            let week = Int(judged.incident.openedAtMs / (7 * 86_400_000))
            return (judged.sensor + week) % count == number
        }
    }
}
