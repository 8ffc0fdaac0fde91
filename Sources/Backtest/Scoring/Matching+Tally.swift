internal import Readings

/// What is scored together.
public enum Grouping: String, Sendable, CaseIterable {
    case kind
    case group

    func key(of sensor: LabelledSensor) -> String {
        switch self {
        case .kind: sensor.sensor.kind.name
        case .group: sensor.group
        }
    }
}

extension Matching {
    /// The tally of each kind or group, by name.
    ///
    /// - Parameter fold: count only what belongs to this part of the set. Exposure is not divided.
    public func tallies(by grouping: Grouping, fold: Fold? = nil) -> [(name: String, tally: Tally)] {
        let keys = set.sensors.map { grouping.key(of: $0) }
        return Set(keys).sorted().map { key in
            (key, tally(ofSensors: set.sensors.indices.filter { keys[$0] == key }, fold: fold))
        }
    }

    /// The tally of some sensors, events that others see too counted by what these see.
    public func tally(ofSensors sensors: [Int], fold: Fold? = nil) -> Tally {
        var events = EventLedger()
        var tally = Tally()
        tally.sensors = sensors.count
        for sensor in sensors {
            for place in own[sensor] where set.labels[place].endMs >= set.sensors[sensor].evaluateFromMs {
                events.expect(set.labels[place])
            }
            tally.exposureMs += exposureMs(ofSensor: sensor)
        }
        let wanted = Set(sensors)
        for judged in judged where wanted.contains(judged.sensor) && (fold?.contains(judged, in: set) ?? true) {
            switch judged.verdict {
            case .hit(let place):
                if set.labels[place].isOptional { tally.optionalHits += 1 } else { tally.hits += 1 }
                events.find(set.labels[place].eventID, atMs: judged.incident.openedAtMs)
            case .duplicate: tally.duplicates += 1
            case .wrongClass:
                tally.wrongClass += 1
                tally.falseAlarms += 1
            case .falseAlarm: tally.falseAlarms += 1
            case .notCounted: tally.notCounted += 1
            }
        }
        events.count(into: &tally) { id in fold?.contains(eventID: id) ?? true }
        return tally
    }

    /// Events that had to be found and were not, by start: the first label of each.
    public var missed: [Label] {
        var events = EventLedger()
        for label in own.joined().map({ set.labels[$0] })
        where label.endMs >= set.sensors[label.sensor].evaluateFromMs {
            events.expect(label)
        }
        for judged in judged {
            if case .hit(let place) = judged.verdict {
                events.find(set.labels[place].eventID, atMs: judged.incident.openedAtMs)
            }
        }
        return events.missed.sorted { ($0.eventStartMs, $0.eventID) < ($1.eventStartMs, $1.eventID) }
    }

    /// Evaluated time of one sensor in which an incident would be false.
    private func exposureMs(ofSensor sensor: Int) -> Int64 {
        let (from, to) = (set.sensors[sensor].evaluateFromMs, set.sensors[sensor].evaluateToMs)
        let labelled = (own[sensor] + others[sensor]).map { place in
            let label = set.labels[place]
            return (
                from: max(from, label.startMs - label.preMs),
                to: min(to, label.endMs + max(label.postMs, label.graceAfterMs))
            )
        }
        var (covered, reached) = (Int64(0), Int64.min)
        for stretch in labelled.sorted(by: { ($0.from, $0.to) < ($1.from, $1.to) }) where stretch.from < stretch.to {
            let begin = max(stretch.from, reached)
            guard stretch.to > begin else { continue }
            covered += stretch.to - begin
            reached = stretch.to
        }
        return max(0, to - from) - covered
    }
}

/// The events that some sensors see, and which of them were found when.
private struct EventLedger {
    private struct Event {
        var startMs: Int64
        /// That of its last label.
        var type: String
        /// Its first label that must be found; nil for an event that need not be.
        var required: Label?
        var delayMs: Int64?
    }

    private var events: [String: Event] = [:]

    mutating func expect(_ label: Label) {
        var event = events[label.eventID] ?? Event(startMs: label.eventStartMs, type: label.type)
        event.startMs = min(event.startMs, label.eventStartMs)
        event.type = label.type
        if !label.isOptional, event.required == nil { event.required = label }
        events[label.eventID] = event
    }

    mutating func find(_ id: String, atMs: Int64) {
        guard var event = events[id] else { return }
        let delayMs = max(0, atMs - event.startMs)
        event.delayMs = min(delayMs, event.delayMs ?? delayMs)
        events[id] = event
    }

    func count(into tally: inout Tally, where isCounted: (String) -> Bool) {
        for (id, event) in events where event.required != nil && isCounted(id) {
            tally.eventsByType[event.type, default: Tally.Found()].all += 1
            guard let delayMs = event.delayMs else { continue }
            tally.eventsByType[event.type, default: Tally.Found()].found += 1
            tally.delaysMs.append(delayMs)
        }
        tally.delaysMs.sort()
    }

    var missed: [Label] { events.values.filter { $0.delayMs == nil }.compactMap(\.required) }
}
