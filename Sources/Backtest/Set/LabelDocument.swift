internal import Readings

/// `labels.json` as it is written. Names are the file's.
struct LabelDocument: Decodable {
    var labels: [Row]

    struct Row: Decodable {
        var sensor_id: String
        var start: String
        var end: String
        var type: String
        var `class`: Label.Class?
        var event_id: String
        var optional: Bool?
        /// Seconds.
        var pre: Double?
        var post: Double?
        var grace_after: Double?
        var event_start: String?
        var nab_window: [String]?

        /// - Parameter stepMs: how long before the start an incident counts where the label does not say: one step.
        func label(sensor: Int, stepMs: Int64) -> Label? {
            guard let startMs = Timestamp.parse(start), let endMs = Timestamp.parse(end), startMs <= endMs else {
                return nil
            }
            var label = Label(
                sensor: sensor, class: self.class ?? .event, type: type, eventID: event_id, startMs: startMs,
                endMs: endMs, preMs: Self.ms(pre) ?? stepMs, postMs: Self.ms(post) ?? 0,
                graceAfterMs: Self.ms(grace_after) ?? 0, eventStartMs: nil, isOptional: optional ?? false)
            if let event_start {
                guard let ms = Timestamp.parse(event_start) else { return nil }
                label.eventStartMs = ms
            }
            if let nab_window {
                guard nab_window.count == 2, let from = Timestamp.parse(nab_window[0]),
                    let to = Timestamp.parse(nab_window[1]), from <= to
                else { return nil }
                label.nabWindowMs = from...to
            }
            return label
        }

        private static func ms(_ seconds: Double?) -> Int64? {
            guard let seconds, seconds.magnitude < 1e12 else { return nil }
            return Int64((seconds * 1000).rounded())
        }
    }
}
