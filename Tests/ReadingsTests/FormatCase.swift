import Readings
import Testing

/// A message of some format and what it must become, for tables of cases.
struct FormatCase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var payload: [UInt8]
    var topic: String
    /// `sensor quantity value time`, each, then what was passed over, by reason and field; or the reason of the quarantine.
    var becomes: [String]
    var change: @Sendable (inout Route) -> Void

    init(
        _ description: String, _ payload: String, topic: String = "city/s-1", becomes: [String],
        change: @escaping @Sendable (inout Route) -> Void = { _ in }
    ) {
        self.init(description, bytes: Array(payload.utf8), topic: topic, becomes: becomes, change: change)
    }

    init(
        _ description: String, bytes: [UInt8], topic: String = "city/s-1", becomes: [String],
        change: @escaping @Sendable (inout Route) -> Void = { _ in }
    ) {
        (testDescription, payload, self.topic, self.becomes) = (description, bytes, topic, becomes)
        self.change = change
    }

    /// Decodes the payload twice with one decoder: nothing of one message may show in the next.
    func check(_ route: Route, mountings: Mountings = Mountings()) {
        var route = route
        change(&route)
        #expect(route.problems() == [])
        var decoder = MessageDecoder(routes: RouteTable([route]), mountings: mountings)
        for _ in 0..<2 {
            let outcome = decode(payload, topic: topic, with: &decoder)
            #expect(outcome.lines == becomes, "\(outcome)")
        }
    }
}

extension Outcome {
    /// `sensor quantity value time`, each, `arrival` for the time of arrival, and `reason field` of what was passed over; or the
    /// reason of the quarantine.
    var lines: [String] {
        guard let message else { return [label] }
        if message.isIgnored && message.measurements.isEmpty { return ["ignored"] }
        return message.measurements.map { measured in
            let value = (measured.value * 1e6).rounded() / 1e6
            let text = Int(exactly: value).map { "\($0)" } ?? "\(value)"
            let time = measured.hasOwnTime ? Timestamp.format(measured.observedAtMs) : "arrival"
            return "\(message.name(of: Int(measured.sensor))) \(measured.quantity.name) \(text) \(time)"
        } + message.flaws.map { "\($0.reason.label) \($0.field)" }
    }
}
