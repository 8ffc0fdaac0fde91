import Readings
import Testing

@Suite struct SenMLTests {
    private func route(_ format: PayloadFormat) throws -> Route {
        var route = Route(name: "r", topic: try TopicPattern("city/+"), format: format, kind: .waterLeak)
        route.fields = [
            RouteField("pressure", .pressure, unit: .bar), RouteField("flow", .flow),
            RouteField("wet", .wetness, words: ["soaked": 1]),
        ]
        return route
    }

    @Test(arguments: [
        FormatCase(
            "base fields, units, a time relative to the base",
            #"[{"bn":"urn:dev:mac:0024befffe80:","bt":1777600000,"n":"pressure","u":"Pa","v":412000},{"n":"flow","u":"m3/s","v":0.0021,"t":-60}]"#,
            becomes: [
                "urn:dev:mac:0024befffe80 flow_m3h 7.56 2026-05-01T01:45:40Z",
                "urn:dev:mac:0024befffe80 pressure_m 42.012308 2026-05-01T01:46:40Z",
            ]),
        FormatCase(
            "two devices, base value and base unit",
            #"[{"bn":"a:","bu":"L/s","bv":10,"n":"flow","v":0},{"bn":"b:","n":"flow","v":10}]"#,
            becomes: ["a flow_m3h 36 arrival", "b flow_m3h 72 arrival"]),
        FormatCase(
            "no unit: the field's", #"[{"bn":"a/","n":"pressure","v":0.980665}]"#, becomes: ["a pressure_m 10 arrival"]),
        FormatCase(
            "seconds before now", #"[{"n":"a:flow","v":1,"t":-60.5}]"#, becomes: ["a flow_m3h 1 arrival"]),
        FormatCase(
            "a truth and a word", #"[{"n":"a:wet","vb":true},{"n":"b:wet","vs":"soaked"}]"#,
            becomes: ["a wet 1 arrival", "b wet 1 arrival"]),
        FormatCase("a name that only ends alike", #"[{"n":"a:inflow","v":1}]"#, becomes: ["missing_field"]),
        FormatCase("no name before the field's", #"[{"n":"flow","v":1}]"#, becomes: ["bad_sensor_id"]),
        FormatCase(
            "the topic names the sensor", #"[{"n":"flow","v":1}]"#, becomes: ["s-1 flow_m3h 1 arrival"],
            change: {
                $0.sensor = "{dev}"; $0.topic = (try? TopicPattern("city/{dev}")) ?? $0.topic
            }),
        FormatCase("a sum alone is passed over", #"[{"n":"a:flow","s":12}]"#, becomes: ["missing_field"]),
        FormatCase(
            "an unknown label is passed over", #"[{"n":"a:flow","v":1,"x":2}]"#, becomes: ["a flow_m3h 1 arrival"]),
        FormatCase("unless it must be understood", #"[{"n":"a:flow","v":1,"x_":2}]"#, becomes: ["malformed"]),
        FormatCase("a newer version", #"[{"bver":11,"n":"a:flow","v":1}]"#, becomes: ["malformed"]),
        FormatCase("a unit of another dimension", #"[{"n":"a:flow","u":"Pa","v":1}]"#, becomes: ["wrong_unit"]),
        FormatCase("a unit that nobody knows", #"[{"n":"a:flow","u":"furlong","v":1}]"#, becomes: ["wrong_unit"]),
        FormatCase("text for a number", #"[{"n":"a:flow","v":"1"}]"#, becomes: ["wrong_type"]),
        FormatCase("too large for a double", #"[{"n":"a:flow","v":1e999}]"#, becomes: ["not_finite"]),
        FormatCase("a time beyond all times", #"[{"n":"a:flow","v":1,"t":1e300}]"#, becomes: ["bad_timestamp"]),
        FormatCase("an object", #"{"n":"a:flow","v":1}"#, becomes: ["not_json"]),
        FormatCase("cut", #"[{"n":"a:flow","v":1}"#, becomes: ["not_json"]),
        FormatCase("a number among the records", #"[{"n":"a:flow","v":1},2]"#, becomes: ["not_json"]),
        FormatCase("an empty pack", "[]", becomes: ["missing_field"]),
        FormatCase("nothing", "", becomes: ["not_json"]),
    ])
    func json(_ c: FormatCase) throws { c.check(try route(.senML)) }

    @Test(arguments: [
        FormatCase(
            "the same pack, by numbers", bytes: try Fixtures.hex("senml-pack"),
            becomes: [
                "urn:dev:mac:0024befffe80 flow_m3h 7.56 2026-05-01T01:45:40Z",
                "urn:dev:mac:0024befffe80 pressure_m 42.012308 2026-05-01T01:46:40Z",
                "urn:dev:mac:0024befffe80 wet 1 2026-05-01T01:46:40Z",
            ]),
        FormatCase(
            "a decimal fraction", bytes: try Fixtures.hex("senml-decimal"), becomes: ["a flow_m3h 12.5 arrival"]),
        FormatCase(
            "a number of half precision", bytes: try Fixtures.hex("senml-half"), becomes: ["a flow_m3h 12.5 arrival"]),
        FormatCase("labels by name", bytes: try Fixtures.hex("senml-strings"), becomes: ["a flow_m3h 12.5 arrival"]),
        FormatCase(
            "indefinite lengths", bytes: try Fixtures.hex("senml-indefinite"), becomes: ["a flow_m3h 12.5 arrival"]),
        FormatCase(
            "a label that must be understood", bytes: try Fixtures.hex("senml-mandatory"), becomes: ["malformed"]),
        FormatCase(
            "more records than there are bytes in the world", bytes: try Fixtures.hex("senml-absurd"),
            becomes: ["malformed"]),
        FormatCase("a longer text than that", bytes: try Fixtures.hex("senml-absurdtext"), becomes: ["malformed"]),
        FormatCase("a thousand deep", bytes: try Fixtures.hex("senml-deep"), becomes: ["malformed"]),
        FormatCase("cut", bytes: try Fixtures.hex("senml-cut"), becomes: ["malformed"]),
        FormatCase("a byte too many", bytes: try Fixtures.hex("senml-trailing"), becomes: ["malformed"]),
        FormatCase("JSON", "[]", becomes: ["malformed"]),
        FormatCase("nothing", "", becomes: ["malformed"]),
    ])
    func cbor(_ c: FormatCase) throws { c.check(try route(.senMLCBOR)) }

    private func summed(_ format: PayloadFormat) throws -> Route {
        var route = try route(format)
        route.fields = [RouteField("flow", .flow), RouteField("flow", .volume, isSum: true)]
        return route
    }

    /// RFC 8428 §4.5.4: base sum and sum together, in the unit times seconds.
    @Test(arguments: [
        FormatCase(
            "beside a value, with a base that persists",
            #"[{"bn":"a:","bs":10,"n":"flow","u":"m3/s","v":0.5,"s":2.5},{"bn":"b:","n":"flow","u":"L/s","s":490}]"#,
            becomes: ["a volume_m3 12.5 arrival", "a flow_m3h 1800 arrival", "b volume_m3 0.5 arrival"]),
        FormatCase("alone", #"[{"n":"a:flow","u":"m3/h","s":7200}]"#, becomes: ["a volume_m3 2 arrival"]),
        FormatCase("no unit: the field's", #"[{"n":"a:flow","s":12}]"#, becomes: ["a volume_m3 12 arrival"]),
        FormatCase(
            "at its own time", #"[{"n":"a:flow","s":12,"t":1777600000}]"#,
            becomes: ["a volume_m3 12 2026-05-01T01:46:40Z"]),
        FormatCase("of what is no flow", #"[{"n":"a:flow","u":"Pa","s":1}]"#, becomes: ["wrong_unit"]),
        FormatCase("text for a number", #"[{"n":"a:flow","s":"12"}]"#, becomes: ["wrong_type"]),
        FormatCase("too large for a double", #"[{"n":"a:flow","bs":1e999,"s":1}]"#, becomes: ["not_finite"]),
        FormatCase("beyond all meters", #"[{"n":"a:flow","bs":1e300,"s":1}]"#, becomes: ["out_of_range"]),
        FormatCase("of another name", #"[{"n":"a:inflow","s":12}]"#, becomes: ["missing_field"]),
    ])
    func sums(_ c: FormatCase) throws { c.check(try summed(.senML)) }

    @Test(arguments: [
        FormatCase(
            "base sum and sum", bytes: try Fixtures.hex("senml-sum"), becomes: ["a volume_m3 12.5 arrival"])
    ])
    func sumsInCBOR(_ c: FormatCase) throws { c.check(try summed(.senMLCBOR)) }

    @Test func aPackThatIsCutAnywhereIsRefused() throws {
        let whole = try Fixtures.hex("senml-pack")
        for length in whole.indices {
            let outcome = decode(Array(whole[..<length]), topic: "city/x", routes: [try route(.senMLCBOR)])
            #expect(outcome.label == "malformed", "cut to \(length) bytes: \(outcome)")
        }
    }
}
