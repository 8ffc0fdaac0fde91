internal import Readings
internal import Settings

/// What a route reads from one of its samples.
struct SampleOutcome {
    var route: String
    var topic: String
    /// Whether it is what the sample expects; without an expectation, whether it was read.
    var isGood: Bool
    /// What it became, or why not.
    var result: String
    /// What was expected instead, where that differs.
    var expected: String?

    /// Decodes every sample of the configuration, in order.
    static func all(of configuration: Configuration, mountings: Mountings) -> [SampleOutcome] {
        var decoder = MessageDecoder(routes: configuration.routeTable, mountings: mountings)
        let nowMs = WallClock.system.nowMs()
        return configuration.routes.flatMap { route in
            route.samples.map { sample in
                let decoded = DecodedText(
                    topic: sample.topic, payload: sample.bytes, arrivedAtMs: nowMs, with: &decoder)
                let wanted = sample.expect
                let isAsExpected = wanted.isEmpty ? decoded.isRead : wanted == decoded.values
                return SampleOutcome(
                    route: route.route.name, topic: sample.topic, isGood: isAsExpected, result: decoded.sentence,
                    expected: isAsExpected || wanted.isEmpty ? nil : wanted.joined(separator: ", "))
            }
        }
    }
}

/// A message's decoding in words.
struct DecodedText {
    /// Whether all of it could be read.
    var isRead: Bool
    /// What of it was passed over, beside its readings.
    var flaws: [DecodeError] = []
    /// `quantity value`, each; then the reason of the quarantine, if there is one.
    var values: [String]
    var sentence: String

    init(topic: String, payload: [UInt8], arrivedAtMs: Int64, with decoder: inout MessageDecoder) {
        let topic = Array(topic.utf8)
        do throws(DecodeError) {
            try decoder.decode(topic: topic.span, payload: payload.span, arrivedAtMs: arrivedAtMs)
        } catch {
            (isRead, values, sentence) = (false, [error.reason.label], "\(error.reason.label): \(error)")
            return
        }
        let message = decoder.message
        (isRead, values) = (true, message.measurements.map { "\($0.quantity.name) \(Self.number($0.value))" })
        if message.isIgnored {
            (values, sentence) = (["ignored"], "carries nothing to measure by its nature, and is passed over")
            return
        }
        var parts: [String] = []
        for (measured, value) in zip(message.measurements, values) {
            let time = measured.hasOwnTime ? Timestamp.format(measured.observedAtMs) : "arrival"
            parts.append("\(message.name(of: Int(measured.sensor))): \(value) at \(time)")
        }
        (flaws, isRead) = (message.flaws, message.flaws.isEmpty)
        for flaw in flaws {
            values.append(flaw.reason.label)
            parts.append("\(flaw.reason.label): \(flaw)")
        }
        sentence = parts.joined(separator: ", ")
    }

    /// Whole numbers without a point, others to six places: what a conversion leaves behind them is no news.
    private static func number(_ value: Double) -> String {
        let scale = 1e6
        let rounded = (value * scale).rounded() / scale
        if let whole = Int(exactly: rounded), whole != 0 || value == 0 { return "\(whole)" }
        return rounded == 0 ? "\(value)" : "\(rounded)"
    }
}
