import Readings
import Testing

/// A field that is missing, null, a sentence of the device's, a number with its unit behind it or not finite is an outcome
/// with a name in every format: no crash, and no zero.
@Suite struct OddValueTests {
    /// A format, and how a message in it carries a value that is written so.
    struct Form: Sendable, CustomTestStringConvertible {
        var testDescription: String { format.name }
        var format: PayloadFormat
        var topic = "city/s-1"
        var pattern = "city/{sensor}"
        var payload: @Sendable (String) -> String

        func route() throws -> Route {
            var route = Route(name: "r", topic: try TopicPattern(pattern), format: format, kind: .waterLeak)
            switch format {
            case .number, .flatJSON, .sensorThings: route.quantity = .temperature
            default: route.fields = [RouteField("v", .temperature, faults: ["No Sensor"])]
            }
            if format == .sensorThings { route.sensor = "{sensor}" }
            return route
        }
    }

    /// Values as JSON writes them.
    private static let json = [
        Form(format: .flatJSON) { #"{"value":\#($0)}"# },
        Form(format: .json) { #"{"v":\#($0)}"# },
        Form(format: .theThingsStack) {
            #"{"end_device_ids":{"device_id":"s-1"},"uplink_message":{"decoded_payload":{"v":\#($0)}}}"#
        },
        Form(format: .chirpStack) { #"{"deviceInfo":{"devEui":"24e1"},"object":{"v":\#($0)}}"# },
        Form(format: .fiware) { #"{"id":"s-1","v":{"type":"Property","value":\#($0)}}"# },
        Form(format: .fiware) { #"{"id":"s-1","v":\#($0)}"# },
        Form(format: .sensorThings) { #"{"phenomenonTime":"2026-05-01T06:00:00Z","result":\#($0)}"# },
        Form(format: .senML) { #"[{"n":"s-1:v","v":\#($0)}]"# },
    ]

    @Test(arguments: json)
    func inJSON(_ form: Form) throws {
        let table: [(value: String, reasons: Set<String>)] = [
            ("null", ["wrong_type", "missing_field"]), (#""Invalid Reading""#, ["wrong_type"]),
            (#""No Sensor""#, ["device_fault", "wrong_type"]), (#""12.5°C""#, ["wrong_type"]), (#""""#, ["wrong_type"]),
            (#""NaN""#, ["wrong_type"]), ("NaN", ["not_json"]), ("1e999", ["not_finite"]), ("-1e999", ["not_finite"]),
            ("[]", ["wrong_type"]), ("{}", ["wrong_type", "missing_field"]), ("true", ["wrong_type"]),
        ]
        try check(form, table)
        let sound = decode(form.payload("12.5"), topic: form.topic, routes: [try form.route()])
        #expect(sound.message?.measurements.map(\.value) == [12.5], "\(sound)")
    }

    /// Values as they stand in text.
    private static let text = [
        Form(format: .number) { $0 },
        Form(format: .csv, topic: "city/s-1") { "v\n\($0)\n" },
        Form(format: .lineProtocol) { "m v=\($0)" },
    ]

    @Test(arguments: text)
    func inText(_ form: Form) throws {
        let table: [(value: String, reasons: Set<String>)] = [
            ("", ["wrong_type", "missing_field", "malformed"]), ("null", ["wrong_type", "malformed"]),
            ("Invalid Reading", ["wrong_type", "malformed"]), ("\"Invalid Reading\"", ["wrong_type", "malformed"]),
            ("12.5°C", ["wrong_type", "malformed"]), ("\"12.5°C\"", ["wrong_type", "malformed"]),
            ("NaN", ["wrong_type", "malformed", "not_finite"]), ("inf", ["wrong_type", "malformed", "not_finite"]),
            ("1e999", ["not_finite"]),
        ]
        try check(form, table)
        let sound = decode(form.payload("12.5"), topic: form.topic, routes: [try form.route()])
        #expect(sound.message?.measurements.map(\.value) == [12.5], "\(sound)")
    }

    @Test(arguments: json)
    func aFieldThatIsMissingIsNamed(_ form: Form) throws {
        let payload = form.payload("1").replacing("\"v\":", with: "\"w\":").replacing("\"value\":", with: "\"w\":")
            .replacing("\"result\":", with: "\"w\":").replacing("s-1:v", with: "s-1:w")
        let outcome = decode(payload, topic: form.topic, routes: [try form.route()])
        #expect(outcome.label == "missing_field", "\(outcome)")
    }

    /// A format, and how a message in it carries a good value of `v` and `w` as it is written.
    private static let pairs = [
        Form(format: .flatJSON) { #"{"metrics":{"temperature_c":12.5,"tilt":\#($0)}}"# },
        Form(format: .json) { #"{"w":\#($0),"v":12.5}"# },
        Form(format: .theThingsStack) {
            #"{"end_device_ids":{"device_id":"s-1"},"uplink_message":{"decoded_payload":{"v":12.5,"w":\#($0)}}}"#
        },
        Form(format: .chirpStack) { #"{"deviceInfo":{"devEui":"24e1"},"object":{"w":\#($0),"v":12.5}}"# },
        Form(format: .fiware) { #"{"id":"s-1","v":{"value":12.5},"w":{"value":\#($0)}}"# },
        Form(format: .fiware) { #"{"id":"s-1","v":12.5,"w":\#($0)}"# },
        Form(format: .senML) { #"[{"n":"s-1:v","v":12.5},{"n":"s-1:w","vs":\#($0)}]"# },
        Form(format: .csv) { "v,w\n12.5,\($0)\n" },
        Form(format: .lineProtocol) { "m w=\($0),v=12.5" },
    ]

    /// A bin that has fallen says so, though its thermometer is broken.
    @Test(arguments: pairs)
    func aFieldThatCannotBeReadLosesNoOther(_ form: Form) throws {
        var route = try form.route()
        if form.format != .flatJSON { route.fields.append(RouteField("w", .tilt)) }
        let message = try #require(
            decode(form.payload(#""Invalid Reading""#), topic: form.topic, routes: [route]).message)
        #expect(message.measurements.map(\.value) == [12.5])
        #expect(message.flaws.map(\.reason) == [.wrongType])
        #expect(message.flaws.map { "\($0.field)".suffix(4) } == [form.format == .flatJSON ? "tilt" : "w"])
        #expect(message.flawSentence?.hasSuffix("; what else it measured is stored") == true)
        // A sound message is followed by nothing of the one before.
        let sound = decode(form.payload("1"), topic: form.topic, routes: [route])
        if form.format != .senML { #expect(sound.message?.flaws == [] && sound.message?.measurements.count == 2) }
    }

    /// A server's null is a field that is not there; a device's own is a fault of the device.
    @Test(arguments: pairs.filter { ![.csv, .lineProtocol, .senML].contains($0.format) })
    func nullBesideAGoodFieldIsAbsentWhereAServerWritesIt(_ form: Form) throws {
        var route = try form.route()
        if form.format != .flatJSON { route.fields.append(RouteField("w", .tilt)) }
        let message = try #require(decode(form.payload("null"), topic: form.topic, routes: [route]).message)
        #expect(message.measurements.map(\.value) == [12.5])
        let isDevices = [.flatJSON, .json].contains(form.format)
        #expect(message.flaws.map(\.reason) == (isDevices ? [.wrongType] : []))
    }

    private func check(_ form: Form, _ table: [(value: String, reasons: Set<String>)]) throws {
        let route = try form.route()
        #expect(route.problems() == [])
        for (value, reasons) in table {
            let outcome = decode(form.payload(value), topic: form.topic, routes: [route])
            #expect(reasons.contains(outcome.label), "\(value): \(outcome)")
        }
    }
}
