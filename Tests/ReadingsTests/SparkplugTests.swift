import Readings
import Testing

/// Sparkplug B as a host application hears it.
@Suite struct SparkplugTests {
    typealias Metric = EdgeNodeMessages.Metric

    /// A decoder, and what was said to it so far.
    struct Host: ~Copyable {
        var decoder: MessageDecoder
        var nowMs = EdgeNodeMessages.noon

        init(_ change: (inout Route) -> Void = { _ in }) throws {
            var devices = Route(
                name: "devices", topic: try TopicPattern("spBv1.0/{group}/+/{node}/{device}"), format: .sparkplug,
                kind: .waterLeak)
            devices.fields = [
                RouteField("Flow/Rate", .flow, unit: .litrePerSecond), RouteField("Pressure", .pressure),
                RouteField("Wet", .wetness, words: ["leak": 1, "dry": 0]), RouteField("Level", .generic),
            ]
            change(&devices)
            var nodes = Route(
                name: "nodes", topic: try TopicPattern("spBv1.0/Water/+/{node}"), format: .sparkplug, kind: .waterLeak)
            nodes.fields = [RouteField("Battery", .battery)]
            let table = RouteTable([devices, nodes])
            #expect(table.problems() == [])
            decoder = MessageDecoder(routes: table)
        }

        /// Decodes a message twice before it is settled, as one that has to wait is.
        mutating func hear(_ topic: String, _ payload: [UInt8]) -> [String] {
            _ = decode(payload, topic: "spBv1.0/Water/" + topic, with: &decoder, arrivedAtMs: nowMs)
            let lines = decode(payload, topic: "spBv1.0/Water/" + topic, with: &decoder, arrivedAtMs: nowMs).lines
            decoder.settle(arrivedAtMs: nowMs)
            return lines
        }

        mutating func bear(session: UInt64 = 0, sequence: UInt64 = 0) {
            _ = hear("NBIRTH/rtu-1", EdgeNodeMessages.birth([], session: session, sequence: sequence))
        }

        /// Births of the node and of one device whose metrics have aliases.
        mutating func bearAll() {
            bear()
            _ = hear(
                "DBIRTH/rtu-1/pump",
                EdgeNodeMessages.payload(
                    [
                        Metric("Flow/Rate", .double(1), alias: 7), Metric("Level", .int(0, datatype: 2), alias: 8),
                        Metric("Pressure", .float(3)),
                    ], sequence: 1))
        }

        mutating func notices(afterMs: Int64 = 0) -> [SparkplugHost.Notice] {
            nowMs += afterMs
            return decoder.sparkplug.takeNotices(atMs: nowMs)
        }
    }

    static let node = EdgeNodeID(group: "Water", node: "rtu-1")

    /// Small aliases are places in a list, large ones are not; several of both side by side, and one that is given anew.
    @Test(arguments: [0, 1, 4095, 4096, 4097, UInt64.max])
    func aliasesMayBeAnyNumber(alias: UInt64) throws {
        var host = try Host()
        host.bear()
        let birth = [
            Metric("Level", .double(1), alias: alias ^ 1), Metric("Pressure", .double(1), alias: alias),
            Metric("Level", .double(1), alias: alias ^ 4096), Metric("Flow/Rate", .double(1), alias: alias),
        ]
        _ = host.hear("DBIRTH/rtu-1/pump", EdgeNodeMessages.payload(birth, sequence: 1))
        let data = EdgeNodeMessages.payload([Metric(nil, .double(10), alias: alias)], sequence: 2)
        let lines = host.hear("DDATA/rtu-1/pump", data)
        #expect(lines == ["Water/rtu-1/pump flow_m3h 36 2026-05-01T06:00:00Z"])
        let other = EdgeNodeMessages.payload([Metric(nil, .double(10), alias: alias ^ 2)], sequence: 3)
        #expect(host.hear("DDATA/rtu-1/pump", other) == ["before_birth"])
    }
    static let time = "2026-05-01T06:00:00Z"

    // MARK: - Values

    @Test func aBirthIsReadToo() throws {
        var host = try Host()
        let birth = EdgeNodeMessages.birth([Metric("Battery", .int(88, datatype: 5))])
        #expect(host.hear("NBIRTH/rtu-1", birth) == ["Water/rtu-1 battery_pct 88 \(Self.time)"])
        let device = EdgeNodeMessages.payload([Metric("Flow/Rate", .double(2))], sequence: 1)
        #expect(host.hear("DBIRTH/rtu-1/pump", device) == ["Water/rtu-1/pump flow_m3h 7.2 \(Self.time)"])
        #expect(host.notices().isEmpty)
    }

    @Test func dataNamesItsMetricsByAliasesOfTheBirth() throws {
        var host = try Host()
        host.bearAll()
        let data = EdgeNodeMessages.payload(
            [Metric(nil, .double(3), alias: 7, atMs: EdgeNodeMessages.noon + 1500)], sequence: 2, atMs: nil)
        #expect(host.hear("DDATA/rtu-1/pump", data) == ["Water/rtu-1/pump flow_m3h 10.8 2026-05-01T06:00:01Z"])
        #expect(host.decoder.message.measurements.map(\.observedAtMs) == [EdgeNodeMessages.noon + 1500])
    }

    struct ValueCase: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var value: EdgeNodeMessages.Value
        var becomes: String

        init(_ description: String, _ value: EdgeNodeMessages.Value, _ becomes: String) {
            (testDescription, self.value, self.becomes) = (description, value, becomes)
        }
    }

    @Test(arguments: [
        ValueCase("Int8 below zero", .int(UInt32(bitPattern: -5), datatype: 1), "-5"),
        ValueCase("Int8 in one byte", .int(0xFB, datatype: 1), "-5"),
        ValueCase("Int16", .int(0xFF38, datatype: 2), "-200"),
        ValueCase("Int32", .int(UInt32(bitPattern: -70_000), datatype: 3), "-70000"),
        ValueCase("Int64", .long(UInt64(bitPattern: -9), datatype: 4), "-9"),
        ValueCase("UInt8", .int(251, datatype: 5), "251"),
        ValueCase("UInt16", .int(65_336, datatype: 6), "65336"),
        ValueCase("UInt32", .int(4_294_967_295, datatype: 7), "4294967295"),
        ValueCase("UInt32 in the long field", .long(4_294_967_295, datatype: 7), "4294967295"),
        ValueCase("UInt64", .long(12, datatype: 8), "12"),
        ValueCase("Float", .float(0.5), "0.5"),
        ValueCase("Double", .double(-2.25), "-2.25"),
        ValueCase("null", .null, "ignored"),
        ValueCase("not a number", .double(.nan), "not_finite"),
        ValueCase("infinite", .float(.infinity), "not_finite"),
        ValueCase("beyond what can be", .long(.max, datatype: 8), "out_of_range"),
        ValueCase("a truth where a number should be", .boolean(true), "wrong_type"),
        ValueCase("a text where a number should be", .text("much"), "wrong_type"),
        ValueCase("a data set", .table, "wrong_type"),
        ValueCase("no value", .nothing, "wrong_type"),
    ])
    func scalars(_ c: ValueCase) throws {
        var host = try Host()
        host.bearAll()
        let lines = host.hear(
            "DDATA/rtu-1/pump", EdgeNodeMessages.payload([Metric("Level", c.value)], sequence: 2))
        #expect(lines == [c.becomes].map { Double($0) == nil ? $0 : "Water/rtu-1/pump value \($0) \(Self.time)" })
    }

    @Test func theDatatypeThatDataLeavesOutIsTheBirths() throws {
        var host = try Host()
        host.bearAll()
        let data = EdgeNodeMessages.payload(
            [Metric(nil, .int(0xFF38, datatype: 2), alias: 8, statesDatatype: false)], sequence: 2)
        #expect(host.hear("DDATA/rtu-1/pump", data) == ["Water/rtu-1/pump value -200 \(Self.time)"])
    }

    @Test func contactsAreTruthsOrWords() throws {
        var host = try Host()
        host.bearAll()
        let data = EdgeNodeMessages.payload(
            [Metric("Wet", .boolean(true)), Metric("Wet", .text("dry"), atMs: EdgeNodeMessages.noon + 1000)],
            sequence: 2)
        #expect(
            host.hear("DDATA/rtu-1/pump", data) == [
                "Water/rtu-1/pump wet 1 \(Self.time)", "Water/rtu-1/pump wet 0 2026-05-01T06:00:01Z",
            ])
    }

    @Test func aValueOfBadQualityIsNotRead() throws {
        var host = try Host()
        host.bearAll()
        let bad = EdgeNodeMessages.payload([Metric("Level", .double(3), quality: 0)], sequence: 2)
        let good = EdgeNodeMessages.payload([Metric("Level", .double(3), quality: 192)], sequence: 3)
        #expect(host.hear("DDATA/rtu-1/pump", bad) == ["ignored"])
        #expect(host.hear("DDATA/rtu-1/pump", good) == ["Water/rtu-1/pump value 3 \(Self.time)"])
    }

    @Test func whatWasKeptAndSentLaterIsHistory() throws {
        var host = try Host()
        host.bearAll()
        let data = EdgeNodeMessages.payload(
            [Metric("Level", .double(3), isHistorical: true), Metric("Pressure", .float(3))], sequence: 2)
        _ = host.hear("DDATA/rtu-1/pump", data)
        #expect(host.decoder.message.measurements.map(\.isHistory) == [true, false])
    }

    @Test func oneDeviceMayBeSeveralSensors() throws {
        var host = try Host { route in
            route.fields = [
                RouteField("Pump 1/Flow", .flow), RouteField("Pump 2/Flow", .flow),
            ]
            (route.fields[0].part, route.fields[1].part) = ("pump-1", "pump-2")
            route.sensor = "{node}-{device}"
        }
        host.bear()
        let birth = EdgeNodeMessages.payload(
            [Metric("Pump 1/Flow", .double(1)), Metric("Pump 2/Flow", .double(2))], sequence: 1)
        #expect(
            host.hear("DBIRTH/rtu-1/hall", birth) == [
                "rtu-1-hall/pump-1 flow_m3h 1 \(Self.time)", "rtu-1-hall/pump-2 flow_m3h 2 \(Self.time)",
            ])
        #expect(String(decoding: host.decoder.message.gateway, as: UTF8.self) == "spBv1.0/Water/rtu-1")
    }

    // MARK: - Births before data

    @Test func dataBeforeItsBirthIsNamedAndTheNodeIsAsked() throws {
        var host = try Host()
        let data = EdgeNodeMessages.payload([Metric("Level", .double(3))], sequence: 5)
        #expect(host.hear("DDATA/rtu-1/pump", data) == ["before_birth"])
        #expect(host.notices() == [.rebirth(Self.node)])
        // Asked once, however much more comes; and again after a while.
        #expect(host.hear("DDATA/rtu-1/pump", data) == ["before_birth"])
        #expect(host.notices(afterMs: 30_000).isEmpty)
        #expect(host.notices(afterMs: 31_000) == [.rebirth(Self.node)])
        host.bearAll()
        #expect(host.notices(afterMs: 61_000).isEmpty)
    }

    @Test(arguments: [
        ("an alias that nobody gave", "DDATA/rtu-1/pump", 99 as UInt64),
        ("an alias of another device", "NDATA/rtu-1", 7 as UInt64),
    ])
    func anAliasNeedsItsBirth(_ c: (String, String, UInt64)) throws {
        var host = try Host()
        host.bearAll()
        let data = EdgeNodeMessages.payload([Metric(nil, .double(3), alias: c.2)], sequence: 2)
        #expect(host.hear(c.1, data) == ["before_birth"])
        #expect(host.notices() == [.rebirth(Self.node)])
    }

    @Test func aDeviceNeedsItsNodeAndItsOwnBirth() throws {
        var host = try Host()
        let birth = EdgeNodeMessages.payload([Metric("Level", .double(3))], sequence: 1)
        #expect(host.hear("DBIRTH/rtu-1/pump", birth) == ["before_birth"])
        host.bear()
        #expect(host.hear("DDATA/rtu-1/pump", birth) == ["before_birth"])
        #expect(host.hear("DBIRTH/rtu-1/pump", birth) == ["Water/rtu-1/pump value 3 \(Self.time)"])
    }

    @Test func aNewBirthForgetsAliasesAndDevices() throws {
        var host = try Host()
        host.bearAll()
        host.bear(session: 1)
        let data = EdgeNodeMessages.payload([Metric(nil, .double(3), alias: 7)], sequence: 1)
        #expect(host.hear("DDATA/rtu-1/pump", data) == ["before_birth"])
    }

    @Test func aBirthWithAnUnreadableValueIsABirthAllTheSame() throws {
        var host = try Host()
        host.bear()
        let birth = EdgeNodeMessages.payload(
            [Metric("Level", .double(.nan)), Metric("Pressure", .float(1))], sequence: 1)
        #expect(
            host.hear("DBIRTH/rtu-1/pump", birth) == ["Water/rtu-1/pump pressure_m 1 \(Self.time)", "not_finite Level"])
        let data = EdgeNodeMessages.payload([Metric("Pressure", .float(2))], sequence: 2)
        #expect(host.hear("DDATA/rtu-1/pump", data) == ["Water/rtu-1/pump pressure_m 2 \(Self.time)"])
    }

    // MARK: - Numbers

    @Test func numbersRunAcrossNodeAndDevicesAndRoundTheClock() throws {
        var host = try Host()
        host.bearAll()
        for number in 2..<600 {
            let topic = number.isMultiple(of: 3) ? "NDATA/rtu-1" : "DDATA/rtu-1/pump"
            let payload = EdgeNodeMessages.payload([], sequence: UInt64(number % 256))
            #expect(host.hear(topic, payload) == ["ignored"])
        }
        #expect(host.notices(afterMs: 60_000).isEmpty)
        #expect(host.decoder.sparkplug.takeTally().missing == 0)
    }

    @Test func aGapIsForgivenIfWhatIsMissingComesInTime() throws {
        var host = try Host()
        host.bearAll()
        for number in [3, 4, 2, 5] as [UInt64] {
            _ = host.hear("DDATA/rtu-1/pump", EdgeNodeMessages.payload([], sequence: number))
        }
        #expect(host.notices(afterMs: 60_000).isEmpty)
        #expect(host.decoder.sparkplug.takeTally().missing == 1)
    }

    /// Numbers come round again before the node is asked.
    @Test func aGapOfABusyNodeIsFilledByNothingOfTheNextRound() throws {
        var host = try Host()
        host.bearAll()
        for number in 2..<900 where number != 7 {
            _ = host.hear("DDATA/rtu-1/pump", EdgeNodeMessages.payload([], sequence: UInt64(number % 256)))
        }
        let tally = host.decoder.sparkplug.takeTally()
        #expect((tally.missing, tally.late) == (1, 0))
        #expect(host.notices(afterMs: 5_000) == [.rebirth(Self.node)])
    }

    @Test func aGapThatStaysHasTheNodeBeginAnew() throws {
        var host = try Host()
        host.bearAll()
        _ = host.hear("DDATA/rtu-1/pump", EdgeNodeMessages.payload([], sequence: 4))
        #expect(host.notices(afterMs: 4_999).isEmpty)
        #expect(host.notices(afterMs: 1) == [.rebirth(Self.node)])
        #expect(host.decoder.sparkplug.takeTally().missing == 2)
        #expect(host.notices(afterMs: 3_600_000).isEmpty)
    }

    // MARK: - Deaths

    @Test func aDeathOfThisSessionTakesTheNodeAndItsDevices() throws {
        var host = try Host()
        host.bear(session: 4)
        let birth = EdgeNodeMessages.payload([Metric("Level", .double(3))], sequence: 1)
        _ = host.hear("DBIRTH/rtu-1/pump", birth)
        #expect(host.hear("NDEATH/rtu-1", EdgeNodeMessages.death(session: 3)) == ["ignored"])
        #expect(host.notices().isEmpty)
        #expect(host.hear("NDEATH/rtu-1", EdgeNodeMessages.death(session: 4)) == ["ignored"])
        #expect(host.notices() == [.death(sensors: ["Water/rtu-1/pump"], isWholeNode: true)])
        #expect(host.hear("DDATA/rtu-1/pump", birth) == ["before_birth"])
    }

    @Test func aDeviceMayDieAlone() throws {
        var host = try Host()
        host.bearAll()
        #expect(host.hear("DDEATH/rtu-1/pump", EdgeNodeMessages.payload([], sequence: 2)) == ["ignored"])
        #expect(host.notices() == [.death(sensors: ["Water/rtu-1/pump"], isWholeNode: false)])
        #expect(host.hear("NDATA/rtu-1", EdgeNodeMessages.payload([], sequence: 3)) == ["ignored"])
        #expect(host.notices(afterMs: 60_000).isEmpty)
    }

    // MARK: - Connections

    @Test func aNewConnectionWaitsForNodesAndThenAsksThem() throws {
        var host = try Host()
        host.decoder.sparkplug.expect([Self.node, EdgeNodeID(group: "Water", node: "rtu-2")])
        host.decoder.sparkplug.connectionBegins(atMs: host.nowMs)
        #expect(host.notices(afterMs: 1000).isEmpty)
        host.bear()
        #expect(host.notices(afterMs: 4000) == [.rebirth(EdgeNodeID(group: "Water", node: "rtu-2"))])
        // What was known of the connection before is known no longer.
        host.decoder.sparkplug.connectionBegins(atMs: host.nowMs)
        let data = EdgeNodeMessages.payload([Metric("Battery", .int(1, datatype: 5))], sequence: 1)
        #expect(host.hear("NDATA/rtu-1", data) == ["before_birth"])
    }

    @Test func manyNodesAreNotAskedAllAtOnce() throws {
        var host = try Host()
        host.decoder.sparkplug.expect((0..<50).map { EdgeNodeID(group: "Water", node: "n-\($0)") })
        host.decoder.sparkplug.connectionBegins(atMs: host.nowMs)
        let counts = (0..<4).map { _ in host.notices(afterMs: 5000).count }
        #expect(counts == [20, 20, 10, 0])
    }

    // MARK: - Bad input

    @Test(
        arguments: [
            ("cut in the middle of a metric", [0x12, 0x20, 0x0A], "malformed"),
            ("a metric cut inside its name", [0x12, 0x03, 0x0A, 0x10, 0x41], "malformed"),
            ("a length beyond all bytes", [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], "malformed"),
            ("a varint without an end", [0x08] + [UInt8](repeating: 0xFF, count: 11), "malformed"),
            ("a group, long out of use", [0x0B, 0x0C], "malformed"),
            ("text", Array(#"{"timestamp":1}"#.utf8), "malformed"),
        ] as [(String, [UInt8], String)])
    func badBytes(_ c: (String, [UInt8], String)) throws {
        var host = try Host()
        host.bearAll()
        #expect(host.hear("DDATA/rtu-1/pump", c.1) == [c.2])
        #expect(host.hear("NBIRTH/rtu-9", c.1) == [c.2])
    }

    @Test func unknownFieldsArePassedOver() throws {
        var host = try Host()
        host.bearAll()
        var payload = ProtobufWriter()
        payload.number(900, 1)
        payload.text(77, "x")
        let data = payload.bytes + EdgeNodeMessages.payload([Metric("Level", .double(3))], sequence: 2)
        #expect(host.hear("DDATA/rtu-1/pump", data) == ["Water/rtu-1/pump value 3 \(Self.time)"])
    }

    @Test func aCompressedBodyIsNamed() throws {
        var host = try Host()
        var payload = ProtobufWriter()
        payload.text(4, "SPBV1.0_COMPRESSED")
        payload.content(5, [0x1F, 0x8B])
        #expect(host.hear("DDATA/rtu-1/pump", payload.bytes) == ["malformed"])
    }

    @Test(arguments: [
        ("a host's state", "spBv1.0/STATE/other", "ignored"),
        ("a command, our own among them", "spBv1.0/Water/NCMD/rtu-1", "ignored"),
        ("an unknown type", "spBv1.0/Water/NOISE/rtu-1", "malformed"),
        ("a device's message without a device", "spBv1.0/Water/DDATA/rtu-1", "malformed"),
        ("too many levels", "spBv1.0/Water/DDATA/rtu-1/pump/x", "malformed"),
    ])
    func otherTopics(_ c: (String, String, String)) throws {
        var host = try Host()
        let outcome = decode([], topic: c.1, with: &host.decoder, arrivedAtMs: host.nowMs)
        #expect(outcome.lines == [c.2])
    }

    @Test(arguments: [
        ("without the message's type free", "spBv1.0/Water/DDATA/{node}/{device}"),
        ("in another namespace", "spAv1.0/Water/+/{node}/{device}"),
        ("with all below", "spBv1.0/Water/+/#"),
    ])
    func aRouteMustLeaveTheTypeFree(_ c: (String, String)) throws {
        var route = Route(name: "r", topic: try TopicPattern(c.1), format: .sparkplug, kind: .waterLeak)
        route.fields = [RouteField("Flow", .flow)]
        route.sensor = nil
        #expect(route.problems().contains { $0.hasPrefix("topic: must be spBv1.0/") })
    }

    @Test func aHostSubscribesToWholeGroups() throws {
        let host = try Host()
        #expect(host.decoder.routes.filters == [])
        #expect(host.decoder.routes.sparkplugFilters == ["spBv1.0/+/#", "spBv1.0/Water/#"])
    }
}
