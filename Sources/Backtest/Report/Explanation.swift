internal import Detection
internal import Readings

/// What is false and what is missing, one after another, each with a picture of the readings.
public struct Explanation {
    private let recording: Recording
    /// By place in the recording: its sensor's rows.
    private let rows: [[Int32]]

    public init(_ recording: Recording) {
        self.recording = recording
        var rows = [[Int32]](repeating: [], count: recording.sensors.count)
        for (number, row) in recording.rows.enumerated() { rows[Int(row.sensor)].append(Int32(number)) }
        self.rows = rows
    }

    /// Everything that was false, came again or was missed, by time.
    public func lines(of matching: Matching) -> [String] {
        var entries: [(atMs: Int64, lines: [String])] = []
        for judged in matching.judged {
            guard let words = Self.words(for: judged.verdict, in: matching.set) else { continue }
            entries.append((judged.incident.openedAtMs, lines(of: judged, words, in: matching.set)))
        }
        for label in matching.missed { entries.append((label.startMs, lines(ofMissed: label, in: matching.set))) }
        return entries.sorted { $0.atMs < $1.atMs }.flatMap { $0.lines + [""] }
    }

    private static func words(for verdict: Matching.Verdict, in set: LabelledSet) -> String? {
        switch verdict {
        case .hit, .notCounted: nil
        case .falseAlarm: "FALSE"
        case .wrongClass(let place): "FALSE in \(set.labels[place].class.rawValue) \(set.labels[place].type):"
        case .duplicate(let place): "AGAIN in \(set.labels[place].type):"
        }
    }

    private func lines(of judged: Matching.Judged, _ words: String, in set: LabelledSet) -> [String] {
        let incident = judged.incident
        let closed = incident.closedAtMs.map { " to \(Timestamp.format($0))" } ?? ", still open"
        let sensor = set.sensors[judged.sensor]
        let unit = incident.quantity.unit.symbol
        let step = sensor.stepMs
        var label: ClosedRange<Int64>?
        switch judged.verdict {
        case .duplicate(let place), .wrongClass(let place):
            label = set.labels[place].startMs...set.labels[place].endMs
        default: break
        }
        return [
            "\(words) \(incident.sensorID) (\(sensor.group)), \(incident.rule.name) from "
                + "\(Timestamp.format(incident.openedAtMs))\(closed): score \(fixed(incident.score, 2)), "
                + "\(fixed(incident.observed, 2)) \(unit) where \(fixed(incident.expected, 2)) is expected"
        ]
            + chart(
                of: sensor, incident.quantity, fromMs: incident.openedAtMs - 288 * step,
                toMs: incident.openedAtMs + 96 * step, label, markMs: incident.openedAtMs)
    }

    private func lines(ofMissed label: Label, in set: LabelledSet) -> [String] {
        let sensor = set.sensors[label.sensor]
        let margin = max(96 * sensor.stepMs, (label.endMs - label.startMs) / 2)
        return [
            "MISSED \(label.type) \(label.eventID) at \(sensor.sensor.id) (\(sensor.group)) from "
                + "\(Timestamp.format(label.startMs)) to \(Timestamp.format(label.endMs))"
        ]
            + chart(
                of: sensor, nil, fromMs: label.startMs - margin, toMs: label.endMs + margin,
                label.startMs...label.endMs, markMs: nil)
    }

    /// - Parameter quantity: what is drawn; nil for whatever says most of a sensor of its kind.
    private func chart(
        of sensor: LabelledSensor, _ quantity: Quantity?, fromMs: Int64, toMs: Int64,
        _ labelledMs: ClosedRange<Int64>?, markMs: Int64?
    ) -> [String] {
        guard let place = recording.place(ofSensor: sensor.sensor.id) else { return [] }
        let own = rows[place].map { recording.rows[Int($0)] }
        let sent = Set(own.map(\.quantity))
        let preferred: [Quantity] = [.speed, .vehicleFlow, .fill]
        let wanted = quantity.flatMap { sent.contains($0) ? $0 : nil } ?? preferred.first(where: sent.contains)
        let drawn = own.filter { wanted == nil || $0.quantity == wanted }
        let readings = drawn.map { (atMs: $0.observedAtMs, value: $0.value) }
        return SeriesChart(readings, fromMs: fromMs, toMs: toMs).lines(labelledMs: labelledMs, markMs: markMs)
    }
}
