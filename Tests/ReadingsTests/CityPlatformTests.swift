import Readings
import Testing

@Suite struct FIWARETests {
    private func route(_ profile: String) throws -> Route {
        var route = Route(name: "r", topic: try TopicPattern("ngsi/#"), format: .fiware)
        (route.profile, route.intervalS) = (DeviceProfile(name: profile), 300)
        return route
    }

    private static let bin = #""id":"urn:ngsi-ld:WasteContainer:3","type":"WasteContainer""#

    @Test(arguments: [
        FormatCase(
            "NGSI-LD",
            "{" + bin + #","fillingLevel":{"type":"Property","value":0.83,"observedAt":"2026-05-01T06:00:00Z"}}"#,
            topic: "ngsi/x", becomes: ["urn:ngsi-ld:WasteContainer:3 fill_pct 83 2026-05-01T06:00:00Z"]),
        FormatCase(
            "NGSI-v2",
            "{" + bin
                + #","fillingLevel":{"type":"Number","value":0.83,"metadata":{}},"dateObserved":{"type":"DateTime","value":"2026-05-01T06:00:00.00Z"}}"#,
            topic: "ngsi/x", becomes: ["urn:ngsi-ld:WasteContainer:3 fill_pct 83 2026-05-01T06:00:00Z"]),
        FormatCase(
            "NGSI-LD with a date of its own level",
            "{" + bin
                + #","fillingLevel":{"value":0.83},"dateObserved":{"type":"Property","value":{"@type":"DateTime","@value":"2026-05-01T06:00:00Z"}}}"#,
            topic: "ngsi/x", becomes: ["urn:ngsi-ld:WasteContainer:3 fill_pct 83 2026-05-01T06:00:00Z"]),
        FormatCase(
            "key-values", "{" + bin + #","fillingLevel":0.83,"temperature":12,"dateObserved":"2026-05-01T06:00:00Z"}"#,
            topic: "ngsi/x",
            becomes: [
                "urn:ngsi-ld:WasteContainer:3 fill_pct 83 2026-05-01T06:00:00Z",
                "urn:ngsi-ld:WasteContainer:3 temperature_c 12 2026-05-01T06:00:00Z",
            ]),
        FormatCase(
            "a notification of two",
            #"{"id":"urn:n:1","type":"Notification","data":[{"id":"a","fillingLevel":0.5},{"id":"b","fillingLevel":{"value":1}}]}"#,
            topic: "ngsi/x", becomes: ["a fill_pct 50 arrival", "b fill_pct 100 arrival"]),
        FormatCase(
            "an array of entities", #"[{"id":"a","fillingLevel":0.5},{"id":"b","fillingLevel":1}]"#, topic: "ngsi/x",
            becomes: ["a fill_pct 50 arrival", "b fill_pct 100 arrival"]),
        FormatCase(
            "a share given as percent", "{" + bin + #","fillingLevel":"83 %"}"#, topic: "ngsi/x",
            becomes: ["wrong_type"]),
        FormatCase("null", "{" + bin + #","fillingLevel":{"value":null}}"#, topic: "ngsi/x", becomes: ["wrong_type"]),
        FormatCase("no id", #"{"fillingLevel":0.5}"#, topic: "ngsi/x", becomes: ["missing_field"]),
        FormatCase("nothing that is read", "{" + bin + "}", topic: "ngsi/x", becomes: ["missing_field"]),
        FormatCase(
            "a bad date", "{" + bin + #","fillingLevel":0.5,"dateObserved":"May"}"#, topic: "ngsi/x",
            becomes: ["bad_timestamp"]),
        FormatCase(
            "twice", "{" + bin + #","fillingLevel":0.5,"fillingLevel":0.6}"#, topic: "ngsi/x",
            becomes: ["duplicate_field"]),
        FormatCase("cut", "{" + bin, topic: "ngsi/x", becomes: ["not_json"]),
        FormatCase(
            "a broken entity in a notification", #"{"id":"n","data":[{"id":"a","fillingLevel":0.5},7]}"#,
            topic: "ngsi/x", becomes: ["not_json"]),
    ])
    func wasteContainers(_ c: FormatCase) throws { c.check(try route("fiware-waste-container")) }

    @Test(arguments: [
        FormatCase(
            "an interval: its end is the time, its length the period",
            #"{"id":"t","intensity":50,"occupancy":0.12,"averageVehicleSpeed":42.5,"dateObserved":"2026-05-01T05:50:00Z/2026-05-01T06:00:00Z"}"#,
            topic: "ngsi/x",
            becomes: [
                "t flow_vph 300 2026-05-01T06:00:00Z", "t occupancy_pct 12 2026-05-01T06:00:00Z",
                "t speed_kmh 42.5 2026-05-01T06:00:00Z",
            ]),
        FormatCase(
            "from and to",
            #"{"id":"t","intensity":{"value":5},"dateObservedFrom":{"value":"2026-05-01T05:59:00Z"},"dateObservedTo":{"value":"2026-05-01T06:00:00Z"}}"#,
            topic: "ngsi/x", becomes: ["t flow_vph 300 2026-05-01T06:00:00Z"]),
        FormatCase(
            "a moment: the route's interval", #"{"id":"t","intensity":25,"dateObserved":"2026-05-01T06:00:00Z"}"#,
            topic: "ngsi/x", becomes: ["t flow_vph 300 2026-05-01T06:00:00Z"]),
    ])
    func trafficFlows(_ c: FormatCase) throws { c.check(try route("fiware-traffic-flow-observed")) }

    @Test func waterMeters() throws {
        FormatCase(
            "a meter",
            #"{"id":"m","waterConsumption":{"value":191051},"minFlow":{"value":9},"alarmStopsLeaks":{"value":1,"observedAt":"2026-05-01T06:00:00Z"},"dateObserved":"2026-05-01T05:00:00Z"}"#,
            topic: "ngsi/x",
            becomes: [
                "m flow_lph 9 2026-05-01T05:00:00Z", "m volume_m3 191051 2026-05-01T05:00:00Z",
                "m wet 1 2026-05-01T06:00:00Z",
            ]
        ).check(try route("fiware-water-consumption-observed"))
    }

    @Test func aVehicleCountNeedsAnInterval() throws {
        var route = try route("fiware-traffic-flow-observed")
        route.intervalS = nil
        #expect(
            route.problems() == [
                "interval: must be given, because fiware-traffic-flow-observed sums intensity over the device's interval"
            ])
    }
}

@Suite struct SensorThingsTests {
    @Test(arguments: [
        FormatCase(
            "an observation",
            #"{"@iot.id":9,"phenomenonTime":"2026-05-01T06:00:00Z","resultTime":null,"result":0.83,"Datastream@iot.navigationLink":"d"}"#,
            topic: "v1.1/Datastreams(42)/Observations",
            becomes: ["Datastreams(42) fill_pct 83 2026-05-01T06:00:00Z"]),
        FormatCase(
            "an interval", #"{"phenomenonTime":"2026-05-01T05:00:00Z/2026-05-01T06:00:00Z","result":0.83}"#,
            topic: "v1.1/Datastreams(42)/Observations",
            becomes: ["Datastreams(42) fill_pct 83 2026-05-01T06:00:00Z"]),
        FormatCase(
            "no time of the phenomenon", #"{"phenomenonTime":null,"resultTime":"2026-05-01T06:00:00Z","result":0.83}"#,
            topic: "v1.1/Datastreams(42)/Observations",
            becomes: ["Datastreams(42) fill_pct 83 2026-05-01T06:00:00Z"]),
        FormatCase(
            "a result of many parts", #"{"phenomenonTime":"2026-05-01T06:00:00Z","result":{"level":[12,13]}}"#,
            topic: "v1.1/Datastreams(42)/Observations",
            becomes: ["Datastreams(42) fill_pct 13 2026-05-01T06:00:00Z"],
            change: { $0.fields = [RouteField("result.level[1]", .fill)] }),
        FormatCase(
            "named by the link",
            #"{"phenomenonTime":"2026-05-01T06:00:00Z","result":1,"Datastream@iot.navigationLink":"https://x/Datastreams(4)"}"#,
            topic: "v1.1/Datastreams(42)/Observations",
            becomes: ["https://x/Datastreams(4) fill_pct 100 2026-05-01T06:00:00Z"],
            change: { $0.sensorField = #"Datastream@iot\.navigationLink"# }),
        FormatCase(
            "a result in words", #"{"phenomenonTime":"2026-05-01T06:00:00Z","result":"full"}"#,
            topic: "v1.1/D/Observations", becomes: ["wrong_type"]),
        FormatCase(
            "no result", #"{"phenomenonTime":"2026-05-01T06:00:00Z"}"#, topic: "v1.1/D/Observations",
            becomes: ["missing_field"]),
        FormatCase(
            "half an interval", #"{"phenomenonTime":"2026-05-01T06:00:00Z/","result":1}"#, topic: "v1.1/D/Observations",
            becomes: ["bad_timestamp"]),
    ])
    func observations(_ c: FormatCase) throws {
        c.check(
            Route(
                name: "r", topic: try TopicPattern("v1.1/{sensor}/Observations"), format: .sensorThings, kind: .binFill,
                unit: .ratio))
    }
}

@Suite struct ChirpStackProtobufTests {
    private static let up = "application/1/device/24e1/event/up"

    private func route() throws -> Route {
        var route = Route(
            name: "r", topic: try TopicPattern("application/+/device/+/event/+"), format: .chirpStackProtobuf)
        (route.profile, route.mounting) = (DeviceProfile(name: "milesight-em400"), Mounting(depthMM: 1200))
        return route
    }

    @Test(arguments: [
        FormatCase(
            "an uplink, with a field that nobody knows", bytes: try Fixtures.hex("chirpstack-up"), topic: up,
            becomes: [
                "24e1 fill_pct 57 2026-05-01T06:00:00Z", "24e1 tilt 1 2026-05-01T06:00:00Z",
                "24e1 temperature_c 21.5 2026-05-01T06:00:00Z",
            ]),
        FormatCase(
            "a history", bytes: try Fixtures.hex("chirpstack-history"), topic: up,
            becomes: ["24e1 fill_pct 20 2026-05-01T04:00:00Z", "24e1 fill_pct 50 2026-05-01T05:00:00Z"]),
        FormatCase(
            "the device's name as the id, and a field within an object", bytes: try Fixtures.hex("chirpstack-up"),
            topic: up,
            becomes: ["bin-3 value 1 2026-05-01T06:00:00Z"],
            change: {
                ($0.sensorField, $0.profile, $0.kind) = ("deviceInfo.deviceName", nil, .generic)
                $0.fields = [RouteField("x.y", .generic)]
            }),
        FormatCase(
            "a tag of the device as the id", bytes: try Fixtures.hex("chirpstack-up"), topic: up,
            becomes: ["7 tilt 1 2026-05-01T06:00:00Z"],
            change: {
                ($0.sensorField, $0.profile, $0.kind) = ("deviceInfo.tags.ward", nil, .binFill)
                $0.fields = [RouteField("position", .tilt, words: ["normal": 0, "tilt": 1])]
            }),
        FormatCase(
            "a tag that the device has not", bytes: try Fixtures.hex("chirpstack-up"), topic: up,
            becomes: ["missing_field"], change: { $0.sensorField = "deviceInfo.tags.war" }),
        FormatCase(
            "without a codec", bytes: try Fixtures.hex("chirpstack-noobject"), topic: up, becomes: ["missing_field"]),
        FormatCase("null", bytes: try Fixtures.hex("chirpstack-nulls"), topic: up, becomes: ["wrong_type"]),
        FormatCase("not a number", bytes: try Fixtures.hex("chirpstack-nan"), topic: up, becomes: ["not_finite"]),
        FormatCase(
            "a counter that was reset", bytes: try Fixtures.hex("chirpstack-log"),
            topic: "application/1/device/24e1/event/log",
            becomes: ["ignored"]),
        FormatCase(
            "the charge of a battery", bytes: try Fixtures.hex("chirpstack-status"),
            topic: "application/1/device/24e1/event/status", becomes: ["24e1 battery_pct 71.5 2026-05-01T06:00:00Z"]),
        FormatCase(
            "a device at the mains", bytes: try Fixtures.hex("chirpstack-mains"),
            topic: "application/1/device/24e1/event/status", becomes: ["ignored"]),
        FormatCase("JSON", #"{"deviceInfo":{}}"#, topic: up, becomes: ["malformed"]),
        FormatCase("nothing", "", topic: up, becomes: ["missing_field"]),
        FormatCase(
            "a length beyond the end", bytes: [0x1A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], topic: up, becomes: ["malformed"]),
        FormatCase(
            "a number that never ends", bytes: [UInt8](repeating: 0xFF, count: 20), topic: up, becomes: ["malformed"]),
        FormatCase("a group", bytes: [0x0B], topic: up, becomes: ["malformed"]),
        FormatCase("field 0", bytes: [0x00, 0x00], topic: up, becomes: ["malformed"]),
    ])
    func events(_ c: FormatCase) throws { c.check(try route()) }

    @Test func theFrameIsToldFromTheFirstGateway() throws {
        let frame = try #require(
            decode(try Fixtures.hex("chirpstack-up"), topic: Self.up, routes: [try route()]).message
        ).frame
        #expect(frame.counter == 412)
        #expect((frame.rssiDBm, frame.snrDB) == (-80, 9.5))
    }

    /// Whatever is left of it: readings or a reason, never a trap; and never all three readings.
    @Test func anEventThatIsCutAnywhereEndsWell() throws {
        let whole = try Fixtures.hex("chirpstack-up")
        for length in whole.indices {
            let outcome = decode(Array(whole[..<length]), topic: Self.up, routes: [try route()])
            #expect(outcome.label != "good" || outcome.lines.count == 3, "cut to \(length) bytes: \(outcome)")
        }
    }
}
