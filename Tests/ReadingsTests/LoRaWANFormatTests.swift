import Readings
import Testing

@Suite struct LoRaWANFormatTests {
    private static let tail =
        #""f_port":85,"frm_payload":"AXVc","decoded_payload":{"leak":1},"received_at":"2026-05-01T06:00:00Z"}}"#
    private static let ids = #"{"end_device_ids":{"device_id":"leak-07","dev_eui":"24E1"},"#

    @Test(arguments: [
        FormatCase(
            "an uplink", ids + #""uplink_message":{"f_cnt":412,"# + tail, topic: "v3/app@t/devices/leak-07/up",
            becomes: ["leak-07 wet 1 2026-05-01T06:00:00Z"]),
        FormatCase(
            "the EUI as the id", ids + #""uplink_message":{"f_cnt":412,"# + tail, topic: "v3/app@t/devices/leak-07/up",
            becomes: ["24E1 wet 1 2026-05-01T06:00:00Z"], change: { $0.sensorField = "end_device_ids.dev_eui" }),
        FormatCase(
            "the topic's captures as the id", ids + #""uplink_message":{"f_cnt":412,"# + tail,
            topic: "v3/app@t/devices/leak-07/up", becomes: ["app@t/leak-07 wet 1 2026-05-01T06:00:00Z"],
            change: { $0.sensor = "{app}/{device}" }),
        FormatCase(
            "without a codec", ids + #""uplink_message":{"f_cnt":1,"frm_payload":"AXVc"}}"#,
            topic: "v3/app@t/devices/leak-07/up", becomes: ["missing_field"]),
        FormatCase(
            "a codec that failed", ids + #""uplink_message":{"f_cnt":1,"decoded_payload":[]}}"#,
            topic: "v3/app@t/devices/leak-07/up", becomes: ["wrong_type"]),
        FormatCase(
            "no uplink under its topic", ids + #""x":1}"#, topic: "v3/app@t/devices/leak-07/up",
            becomes: ["missing_field"]),
        FormatCase(
            "a join", ids + #""join_accept":{"session_key_id":"AX"}}"#, topic: "v3/app@t/devices/leak-07/join",
            becomes: ["ignored"]),
        FormatCase(
            "a downlink that was sent", ids + #""downlink_sent":{}}"#, topic: "v3/app@t/devices/leak-07/sent",
            becomes: ["ignored"]),
        FormatCase(
            "a counter that is none", ids + #""uplink_message":{"f_cnt":-1,"# + tail,
            topic: "v3/app@t/devices/leak-07/up",
            becomes: ["out_of_range"]),
        FormatCase(
            "a counter as text", ids + #""uplink_message":{"f_cnt":"412","# + tail,
            topic: "v3/app@t/devices/leak-07/up",
            becomes: ["wrong_type"]),
        FormatCase(
            "the id is missing", #"{"uplink_message":{"f_cnt":412,"# + tail, topic: "v3/app@t/devices/leak-07/up",
            becomes: ["missing_field"]),
    ])
    func theThingsStack(_ c: FormatCase) throws {
        var route = Route(
            name: "r", topic: try TopicPattern("v3/{app}/devices/{device}/+"), format: .theThingsStack, kind: .waterLeak
        )
        route.fields = [RouteField("leak", .wetness)]
        c.check(route)
    }

    @Test(arguments: [
        FormatCase(
            "one measurement, without a codec's own form",
            uplink(#"[{"water":{"leak":true},"air":{"temperature":7.5}}]"#),
            topic: "v3/a/devices/leak-07/up",
            becomes: ["leak-07 wet 1 2026-05-01T06:00:00Z", "leak-07 temperature_c 7.5 2026-05-01T06:00:00Z"]),
        FormatCase("none", uplink("[]"), topic: "v3/a/devices/leak-07/up", becomes: ["missing_field"]),
        FormatCase("no object", uplink("[7]"), topic: "v3/a/devices/leak-07/up", becomes: ["missing_field"]),
        FormatCase("left out", uplink("null"), topic: "v3/a/devices/leak-07/up", becomes: ["missing_field"]),
        FormatCase(
            "beside what the codec gave", uplink(#"[{"water":{"leak":false}}],"decoded_payload":{"battery":92}"#),
            topic: "v3/a/devices/leak-07/up",
            becomes: ["leak-07 wet 0 2026-05-01T06:00:00Z", "leak-07 battery_pct 92 2026-05-01T06:00:00Z"],
            change: { $0.fields.append(RouteField("battery", .battery)) }),
        FormatCase(
            "several, each with its time",
            uplink(
                #"[{"time":"2026-05-01T05:00:00Z","air":{"temperature":7}},{"time":"2026-05-01T04:00:00Z","air":{"temperature":6}}]"#
            ),
            topic: "v3/a/devices/leak-07/up",
            becomes: ["leak-07 temperature_c 6 2026-05-01T04:00:00Z", "leak-07 temperature_c 7 2026-05-01T05:00:00Z"],
            change: {
                $0.fields = []
                $0.series = [
                    RouteSeries(
                        "normalized_payload", time: "time", fields: [RouteField("air.temperature", .temperature)])
                ]
            }),
    ])
    func theThingsStacksNormalizedPayload(_ c: FormatCase) throws {
        var route = Route(
            name: "r", topic: try TopicPattern("v3/{app}/devices/{device}/+"), format: .theThingsStack, kind: .waterLeak
        )
        route.fields = [
            RouteField("normalized_payload[0].water.leak", .wetness),
            RouteField("normalized_payload[0].air.temperature", .temperature),
        ]
        c.check(route)
    }

    private static func uplink(_ normalized: String) -> String {
        ids + #""uplink_message":{"f_cnt":1,"normalized_payload":\#(normalized),"received_at":"2026-05-01T06:00:00Z"}}"#
    }

    @Test func aCounterThatIsLeftOutIsZero() throws {
        let with = try frame(Self.ids + #""uplink_message":{"session_key_id":"AX9z","f_cnt":4294967295,"# + Self.tail)
        let without = try frame(
            Self.ids + #""uplink_message":{"session_key_id":"AX9z","rx_metadata":[{"rssi":-97,"snr":7.5},{"rssi":-1}],"#
                + Self.tail)
        #expect(with.counter == 4_294_967_295)
        #expect(without.counter == 0)
        #expect(without.session == with.session && with.session != 0)
        #expect((without.rssiDBm, without.snrDB) == (-97, 7.5))
        #expect(with.rssiDBm.isNaN)
    }

    @Test func whatIsMissingIsNamedByThePathThatTheServersManualHas() throws {
        var route = Route(
            name: "r", topic: try TopicPattern("v3/+/devices/+/up"), format: .theThingsStack, kind: .waterLeak)
        route.fields = [RouteField("leak", .wetness)]
        for (payload, path) in [
            (#"{"uplink_message":{"decoded_payload":{"leak":1}}}"#, "end_device_ids.device_id: must be present"),
            (#"{"end_device_ids":{"device_id":"a"},"uplink_message":{}}"#, "uplink_message.decoded_payload: must hold"),
        ] {
            let outcome = decode(payload, topic: "v3/a/devices/b/up", routes: [route])
            #expect("\(outcome)".hasPrefix("missing_field \(path)"), "\(outcome)")
        }
    }

    private func frame(_ payload: String) throws -> FrameInfo {
        var route = Route(
            name: "r", topic: try TopicPattern("v3/+/devices/+/up"), format: .theThingsStack, kind: .waterLeak)
        route.fields = [RouteField("leak", .wetness)]
        return try #require(decode(payload, topic: "v3/a/devices/b/up", routes: [route]).message).frame
    }

    private static let chirp =
        #"{"time":"2026-05-01T06:00:00+00:00","deviceInfo":{"devEui":"24e1","deviceName":"bin-3"},"#

    @Test(arguments: [
        FormatCase(
            "an uplink", chirp + #""fCnt":0,"fPort":85,"object":{"level":83}}"#,
            topic: "application/1/device/24e1/event/up",
            becomes: ["24e1 fill_pct 83 2026-05-01T06:00:00Z"]),
        FormatCase(
            "the device's name as the id", chirp + #""fCnt":0,"object":{"level":83}}"#,
            topic: "application/1/device/24e1/event/up", becomes: ["bin-3 fill_pct 83 2026-05-01T06:00:00Z"],
            change: { $0.sensorField = "deviceInfo.deviceName" }),
        FormatCase(
            "a tag of the device as the id",
            #"{"time":"2026-05-01T06:00:00Z","deviceInfo":{"devEui":"24e1","tags":{"asset":"bin-7"}},"object":{"level":83}}"#,
            topic: "application/1/device/24e1/event/up", becomes: ["bin-7 fill_pct 83 2026-05-01T06:00:00Z"],
            change: { $0.sensorField = "deviceInfo.tags.asset" }),
        FormatCase(
            "without a codec", chirp + #""fCnt":0,"data":"A4JECA=="}"#, topic: "application/1/device/24e1/event/up",
            becomes: ["missing_field"]),
        FormatCase(
            "a join", chirp + #""devAddr":"01"}"#, topic: "application/1/device/24e1/event/join", becomes: ["ignored"]),
        FormatCase(
            "an acknowledgement", chirp + #""acknowledged":true}"#, topic: "application/1/device/24e1/event/ack",
            becomes: ["ignored"]),
        FormatCase(
            "the charge of a battery, in a status",
            chirp + #""margin":10,"batteryLevel":71.5,"externalPowerSource":false}"#,
            topic: "application/1/device/24e1/event/status", becomes: ["24e1 battery_pct 71.5 2026-05-01T06:00:00Z"]),
        FormatCase(
            "a status of a device at the mains", chirp + #""margin":10,"batteryLevel":0,"externalPowerSource":true}"#,
            topic: "application/1/device/24e1/event/status", becomes: ["ignored"]),
        FormatCase(
            "a status of a device that does not know", chirp + #""batteryLevel":0,"batteryLevelUnavailable":true}"#,
            topic: "application/1/device/24e1/event/status", becomes: ["ignored"]),
    ])
    func chirpStack(_ c: FormatCase) throws {
        var route = Route(
            name: "r", topic: try TopicPattern("application/+/device/{device}/event/{event}"), format: .chirpStack,
            kind: .binFill)
        route.fields = [RouteField("level", .fill)]
        c.check(route)
    }

    @Test func aJoinSaysThatCountersBeginAnew() throws {
        var route = Route(
            name: "r", topic: try TopicPattern("application/+/device/+/event/+"), format: .chirpStack, kind: .binFill)
        route.fields = [RouteField("level", .fill)]
        for (event, body, isJoin) in [
            ("join", "", true), ("log", #","code":"UPLINK_F_CNT_RESET""#, true), ("log", #","code":"OTAA""#, false),
        ] {
            let payload = #"{"deviceInfo":{"devEui":"24e1"}"# + body + "}"
            let outcome = decode(payload, topic: "application/1/device/24e1/event/\(event)", routes: [route])
            #expect(outcome.message?.frame.isJoin == isJoin, "\(event) \(body)")
        }
    }
}
