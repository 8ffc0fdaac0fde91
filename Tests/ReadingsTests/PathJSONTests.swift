import Readings
import Testing

@Suite struct PathJSONTests {
    private static let fields = [
        RouteField("data.flow", .flow, unit: .litrePerSecond), RouteField("data.p[1]", .pressure, unit: .bar),
        RouteField("state", .wetness, words: ["dry": 0, "wet": 1], faults: ["No Sensor"]),
    ]

    private func route(_ fields: [RouteField] = PathJSONTests.fields) throws -> Route {
        var route = Route(name: "r", topic: try TopicPattern("city/{sensor}"), format: .json, kind: .waterLeak)
        route.fields = fields
        return route
    }

    @Test(arguments: [
        FormatCase(
            "numbers by their paths, converted", #"{"data":{"flow":10,"x":{"flow":1},"p":[1,0.980665]}}"#,
            becomes: ["s-1 flow_m3h 36 arrival", "s-1 pressure_m 10 arrival"]),
        FormatCase("a word stands for a number", #"{"state":"wet"}"#, becomes: ["s-1 wet 1 arrival"]),
        FormatCase("so does a truth, for a contact", #"{"state":true}"#, becomes: ["s-1 wet 1 arrival"]),
        FormatCase(
            "members of other objects are others", #"{"flow":1,"x":{"data":{"flow":2}}}"#, becomes: ["missing_field"]),
        FormatCase("an array that is too short", #"{"data":{"p":[1]}}"#, becomes: ["missing_field"]),
        FormatCase("null is no number", #"{"data":{"flow":null}}"#, becomes: ["wrong_type"]),
        FormatCase("nor is an unknown word", #"{"state":"moist"}"#, becomes: ["wrong_type"]),
        FormatCase(
            "the device could not measure", #"{"data":{"flow":3},"state":"No Sensor"}"#,
            becomes: ["s-1 flow_m3h 10.8 arrival", "device_fault state"]),
        FormatCase("a number in a string", #"{"data":{"flow":"12.5"}}"#, becomes: ["wrong_type"]),
        FormatCase("text with its unit", #"{"data":{"flow":"12.5 l/s"}}"#, becomes: ["wrong_type"]),
        FormatCase("too large for a double", #"{"data":{"flow":1e309}}"#, becomes: ["not_finite"]),
        FormatCase("too large for a flow", #"{"data":{"flow":1e300}}"#, becomes: ["out_of_range"]),
        FormatCase("twice", #"{"data":{"flow":1,"flow":2}}"#, becomes: ["duplicate_field"]),
        FormatCase("twice in what holds it", #"{"data":{"flow":1},"data":{}}"#, becomes: ["duplicate_field"]),
        FormatCase("other members may repeat", #"{"a":1,"a":2,"state":"dry"}"#, becomes: ["s-1 wet 0 arrival"]),
        FormatCase("cut", #"{"data":{"flow":1"#, becomes: ["not_json"]),
        FormatCase("an array where an object belongs", "[1,2]", becomes: ["not_json"]),
        FormatCase("half a surrogate pair elsewhere", #"{"state":"dry","n":"\ud800"}"#, becomes: ["not_json"]),
        FormatCase(
            "invalid UTF-8 elsewhere", bytes: Array(#"{"state":"dry","n":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8),
            becomes: ["not_json"]),
        FormatCase(
            "a thousand deep", String(repeating: #"{"a":"#, count: 1000) + "1" + String(repeating: "}", count: 1000),
            becomes: ["not_json"]),
        FormatCase(
            "a number as text, where that is allowed", #"{"n":"12.5"}"#, becomes: ["s-1 flow_m3h 12.5 arrival"],
            change: { $0.fields = [RouteField("n", .flow, isText: true)] }),
        FormatCase(
            "an hour's litres are a rate", #"{"n":0.25}"#, becomes: ["s-1 flow_lph 250 arrival"],
            change: { $0.fields = [RouteField("n", .meterFlow, unit: .cubicMetre, periodS: 3600)] }),
        FormatCase(
            "vehicles in five minutes", #"{"n":25}"#, becomes: ["s-1 flow_vph 300 arrival"],
            change: { ($0.kind, $0.fields) = (.traffic, [RouteField("n", .vehicleFlow, unit: .count, periodS: 300)]) }),
    ])
    func becomes(_ c: FormatCase) throws { c.check(try route()) }

    @Test(arguments: [
        FormatCase(
            "RFC 3339", #"{"state":"dry","at":"2026-05-01T08:00:00+02:00"}"#,
            becomes: ["s-1 wet 0 2026-05-01T06:00:00Z"]),
        FormatCase("seconds", #"{"state":"dry","at":1777615200}"#, becomes: ["s-1 wet 0 2026-05-01T06:00:00Z"]),
        FormatCase(
            "seconds as text", #"{"state":"dry","at":"1777615200"}"#, becomes: ["s-1 wet 0 2026-05-01T06:00:00Z"]),
        FormatCase(
            "microseconds", #"{"state":"dry","at":1777615200000000}"#, becomes: ["s-1 wet 0 2026-05-01T06:00:00Z"],
            change: { $0.timeUnit = .microseconds }),
        FormatCase("no offset", #"{"state":"dry","at":"2026-05-01T08:00:00"}"#, becomes: ["bad_timestamp"]),
        FormatCase("a clock that was never set", #"{"state":"dry","at":12}"#, becomes: ["bad_timestamp"]),
        FormatCase("null", #"{"state":"dry","at":null}"#, becomes: ["wrong_type"]),
        FormatCase("missing: the arrival's", #"{"state":"dry"}"#, becomes: ["s-1 wet 0 arrival"]),
    ])
    func takesTheTimeOfItsField(_ c: FormatCase) throws {
        var route = try route()
        route.timeField = "at"
        c.check(route)
    }

    @Test(arguments: [
        FormatCase("from the payload", #"{"state":"dry","dev":{"id":"d-9"}}"#, becomes: ["d-9 wet 0 arrival"]),
        FormatCase("a number is a name", #"{"state":"dry","dev":{"id":9}}"#, becomes: ["9 wet 0 arrival"]),
        FormatCase("missing", #"{"state":"dry"}"#, becomes: ["missing_field"]),
        FormatCase("null", #"{"state":"dry","dev":{"id":null}}"#, becomes: ["wrong_type"]),
        FormatCase("empty", #"{"state":"dry","dev":{"id":""}}"#, becomes: ["bad_sensor_id"]),
        FormatCase(
            "from the topic, put together", #"{"state":"dry"}"#, becomes: ["town-s-1 wet 0 arrival"],
            change: { ($0.sensorField, $0.sensor) = (nil, "town-{sensor}") }),
    ])
    func namesItsSensor(_ c: FormatCase) throws {
        var route = try route()
        route.sensorField = "dev.id"
        c.check(route)
    }

    private static let history = RouteSeries(
        "log", time: "t", fields: [RouteField("v", .flow), RouteField("wet", .wetness)])

    @Test(arguments: [
        FormatCase(
            "each element has its own time, and they are sorted",
            #"{"state":"dry","log":[{"t":1777611600,"v":2},{"t":1777608000,"v":1,"wet":true},{"t":1777604400}]}"#,
            becomes: [
                "s-1 flow_m3h 1 2026-05-01T04:00:00Z", "s-1 wet 1 2026-05-01T04:00:00Z",
                "s-1 flow_m3h 2 2026-05-01T05:00:00Z", "s-1 wet 0 arrival",
            ]),
        FormatCase("an empty one beside a reading", #"{"state":"dry","log":[]}"#, becomes: ["s-1 wet 0 arrival"]),
        FormatCase("an empty one alone", #"{"log":[ ]}"#, becomes: ["missing_field"]),
        FormatCase("an element without a time", #"{"log":[{"v":1}]}"#, becomes: ["missing_field"]),
        FormatCase("no array", #"{"log":{"t":1777611600,"v":2}}"#, becomes: ["wrong_type"]),
        FormatCase("numbers instead of objects", #"{"log":[1,2]}"#, becomes: ["not_json"]),
        FormatCase(
            "one bad element loses no other", #"{"log":[{"t":1777611600,"v":2},{"t":1777611600,"v":"x"}]}"#,
            becomes: ["s-1 flow_m3h 2 2026-05-01T05:00:00Z", "wrong_type v"]),
        FormatCase(
            "escapes within", #"{"log":[{"n":"\"]},\\","t":"2026-05-01T05:00:00Z","v":2}]}"#,
            becomes: ["s-1 flow_m3h 2 2026-05-01T05:00:00Z"]),
        FormatCase(
            "the payload is the array", #" [{"t":1777611600,"v":2}, {"t":1777611660,"v":3}] "#,
            becomes: ["s-1 flow_m3h 2 2026-05-01T05:00:00Z", "s-1 flow_m3h 3 2026-05-01T05:01:00Z"],
            change: { $0.series[0].path = "" }),
        FormatCase(
            "which must end", #"[{"t":1777611600,"v":2}"#, becomes: ["not_json"], change: { $0.series[0].path = "" }),
        FormatCase(
            "and then be over", #"[{"t":1777611600,"v":2}]]"#, becomes: ["not_json"], change: { $0.series[0].path = "" }
        ),
        FormatCase(
            "without a comma too many", #"[{"t":1777611600,"v":2},]"#, becomes: ["not_json"],
            change: { $0.series[0].path = "" }),
    ])
    func readsHistories(_ c: FormatCase) throws {
        var route = try route([RouteField("state", .wetness, words: ["dry": 0])])
        route.series = [Self.history]
        c.check(route)
    }

    @Test(arguments: [
        FormatCase(
            "the registry's depth counts", #"{"mm":600}"#, topic: "city/deep", becomes: ["deep fill_pct 60 arrival"]),
        FormatCase("else the route's", #"{"mm":600}"#, becomes: ["s-1 fill_pct 50 arrival"]),
        FormatCase("full is full, however near", #"{"mm":0}"#, becomes: ["s-1 fill_pct 100 arrival"]),
        FormatCase("a little below the bottom is empty", #"{"mm":1250}"#, becomes: ["s-1 fill_pct 0 arrival"]),
        FormatCase("far below is no distance", #"{"mm":2000}"#, becomes: ["out_of_range"]),
        FormatCase("nor is a negative one", #"{"mm":-1}"#, becomes: ["out_of_range"]),
        FormatCase(
            "nobody knows how deep it is", #"{"mm":600}"#, becomes: ["no_mounting"], change: { $0.mounting = nil }),
        FormatCase(
            "metres are written m", #"{"mm":0.6}"#, becomes: ["s-1 fill_pct 50 arrival"],
            change: { $0.fields = [RouteField("mm", .fill, unit: MeasurementUnit(symbol: "m"))] }),
    ])
    func distancesBecomeFillLevels(_ c: FormatCase) throws {
        var deep = Sensor(id: "deep", kind: .binFill)
        deep.mounting = Mounting(depthMM: 1350, fullMM: 100)
        var route = try route([RouteField("mm", .fill, unit: .millimetre)])
        (route.kind, route.mounting) = (.binFill, Mounting(depthMM: 1200))
        c.check(route, mountings: Mountings([deep]))
    }
}
