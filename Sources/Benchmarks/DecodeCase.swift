internal import CReferences
internal import Readings

/// Messages of one form, as 64 devices send them, and what simdjson is given to read instead.
///
/// Numbers have as many digits as those of real devices do, now more, now fewer: ``MessageDecoder`` remembers how messages were laid
/// out, and messages that were all laid out alike would flatter it.
struct DecodeCase {
    let name: String
    let topics: [[UInt8]]
    let payloads: [[UInt8]]
    /// JSON that says the same, for forms that are not JSON.
    let references: [[UInt8]]
    let reference: creferences_message
    let referenceReads: String
    let note: String
    /// How many a message.
    let readings: Int
    let route: Route
    /// What must have been heard before: Sparkplug's births.
    var births: [(topic: String, payload: [UInt8])] = []
    /// Fewer of the larger messages are measured.
    let weight: Int

    var settles: Bool { !births.isEmpty }
    /// Whether the reference reads another form of what ours reads.
    var isOtherForm: Bool { payloads != references }

    /// 2026-05-01T06:00:01Z
    static let arrivedAtMs: Int64 = 1_777_615_201_000
    private static let devices = 0..<64

    static func all() throws -> [DecodeCase] {
        [try flat(), try uplink(), try senML(), try senMLCBOR(), try sparkplug()]
    }

    func decoder() -> MessageDecoder {
        var decoder = MessageDecoder(routes: RouteTable([route]))
        for birth in births {
            let topic = Array(birth.topic.utf8)
            do throws(DecodeError) {
                try decoder.decode(topic: topic.span, payload: birth.payload.span, arrivedAtMs: Self.arrivedAtMs)
            } catch { preconditionFailure("a sound birth: \(error)") }
            decoder.settle(arrivedAtMs: Self.arrivedAtMs)
        }
        return decoder
    }

    private static func flat() throws -> DecodeCase {
        let payloads = devices.map { device in
            bytes(
                #"{"sensor_id":"leak-sensor-\#(device + 100_017)","ts":"2026-05-01T06:00:\#(device % 50 + 10).000Z","#
                    + #""value":\#(Double(device * 15 + 64) / 8),"unit":"m3/h","seq":\#(98_456 + device * 77),"#
                    + #""battery":\#(92 - device % 60),"rssi":-\#(97 - device % 20),"fw":"1.2"}"#)
        }
        return DecodeCase(
            name: "flat JSON", topics: devices.map { bytes("sluice/water-leak/leak-sensor-\($0 + 100_017)") },
            payloads: payloads, references: payloads, reference: CREFERENCES_FLAT,
            referenceReads: "five fields, no check of the rest",
            note: "ours checks the whole document and names, reads the time and the unit, and gives a reading",
            readings: 1, route: .standard, weight: 1)
    }

    private static func uplink() throws -> DecodeCase {
        var route = Route(
            name: "uplink", topic: try TopicPattern("v3/{app}/devices/{device}/up"), format: .theThingsStack,
            kind: .waterLeak)
        route.fields = [
            RouteField("battery", .battery), RouteField("pressure", .pressure, unit: .kilopascal),
            RouteField("temperature", .temperature),
        ]
        let payloads = devices.map { device in
            bytes(
                #"{"end_device_ids":{"device_id":"pressure-\#(device + 1000)","application_ids":{"#
                    + #""application_id":"water"},"dev_eui":"24E124100A00\#(device + 1000)","#
                    + #""join_eui":"24E124C0002A0001","dev_addr":"260B\#(device + 1000)"},"#
                    + #""correlation_ids":["gs:uplink:01HX2Q8K3F5Z6T7Y8W9V0U1S2R"],"#
                    + #""received_at":"2026-05-01T06:00:\#(device % 50 + 10).312345678Z","#
                    + #""uplink_message":{"session_key_id":"AY8sT0q1kP7mZz3uQm\#(device + 10)Aw==","f_port":85,"#
                    + #""f_cnt":\#(912 + device * 3),"frm_payload":"AXVcBQAB","decoded_payload":{"#
                    + #""battery":\#(100 - device % 30),"pressure":\#(Double(device) / 4 + 380),"#
                    + #""temperature":\#(device % 20 + 4).\#(device % 10)},"#
                    + #""rx_metadata":[{"gateway_ids":{"gateway_id":"gw-\#(device % 7)","eui":"0016C001F1\#(device + 100_000)"},"#
                    + #""time":"2026-05-01T06:00:00Z","timestamp":3463457012,"rssi":-\#(device + 60),"#
                    + #""channel_rssi":-\#(device + 60),"snr":\#(device % 9).5,"uplink_token":"ChsKGQoNZ3ctMQ=="}],"#
                    + #""settings":{"data_rate":{"lora":{"bandwidth":125000,"spreading_factor":7}},"#
                    + #""frequency":"868100000","timestamp":3463457012},"#
                    + #""received_at":"2026-05-01T06:00:\#(device % 50 + 10).1\#(device + 100_000)Z","#
                    + #""consumed_airtime":"0.061696s","network_ids":{"net_id":"000013","tenant_id":"city"}}}"#)
        }
        return DecodeCase(
            name: "The Things Stack", topics: devices.map { bytes("v3/water@city/devices/pressure-\($0 + 1000)/up") },
            payloads: payloads, references: payloads, reference: CREFERENCES_UPLINK,
            referenceReads: "the same ten fields, no check of the rest",
            note: "ours checks the whole document, converts units, and gives three readings with the frame's counter",
            readings: 3, route: route, weight: 3)
    }

    private static func senML() throws -> DecodeCase {
        let payloads = devices.map { bytes(pack($0)) }
        return DecodeCase(
            name: "SenML, JSON", topics: devices.map { bytes("senml/\($0)") }, payloads: payloads,
            references: payloads, reference: CREFERENCES_RECORDS, referenceReads: "every member of every record",
            note: "ours resolves names, times and units, and gives four readings", readings: 4,
            route: try recordsRoute(.senML), weight: 2)
    }

    private static func senMLCBOR() throws -> DecodeCase {
        DecodeCase(
            name: "SenML, CBOR", topics: devices.map { bytes("senml/\($0)") },
            payloads: devices.map { WireWriter.senML(records($0)) }, references: devices.map { bytes(pack($0)) },
            reference: CREFERENCES_RECORDS, referenceReads: "every member of every record of the same pack as JSON",
            note: "ours resolves names, times and units, and gives four readings", readings: 4,
            route: try recordsRoute(.senMLCBOR), weight: 2)
    }

    private static func recordsRoute(_ format: PayloadFormat) throws -> Route {
        var route = Route(name: "pack", topic: try TopicPattern("senml/+"), format: format, kind: .waterLeak)
        route.fields = [
            RouteField("pressure", .pressure, unit: .pascal), RouteField("flow", .flow, unit: .cubicMetrePerSecond),
            RouteField("temp", .temperature), RouteField("battery", .battery),
        ]
        return route
    }

    private static func records(_ device: Int) -> [WireWriter.Record] {
        [
            .init(
                baseName: "urn:dev:mac:0024beffff80\(device + 1000):", baseTime: Double(1_777_615_200 + device),
                name: "pressure", unit: "Pa", value: Double(412_000 + device * 10)),
            .init(name: "flow", unit: "m3/s", value: 0.0021 + Double(device) / 16_384, time: -60),
            .init(name: "temp", unit: "Cel", value: 12.5 + Double(device % 8) / 4),
            .init(name: "battery", unit: "%EL", value: Double(92 - device % 30)),
        ]
    }

    private static func pack(_ device: Int) -> String {
        let records = records(device).map { record in
            var members: [String] = []
            if let name = record.baseName { members.append(#""bn":"\#(name)""#) }
            if let time = record.baseTime { members.append(#""bt":\#(Int(time))"#) }
            members += [#""n":"\#(record.name)""#, #""u":"\#(record.unit)""#, #""v":\#(record.value)"#]
            if let time = record.time { members.append(#""t":\#(Int(time))"#) }
            return "{\(members.joined(separator: ","))}"
        }
        return "[\(records.joined(separator: ","))]"
    }

    private static func sparkplug() throws -> DecodeCase {
        var route = Route(
            name: "node", topic: try TopicPattern("spBv1.0/{group}/+/{node}/{device}"), format: .sparkplug,
            kind: .waterLeak)
        route.fields = [
            RouteField("Pressure", .pressure, unit: .kilopascal), RouteField("Flow", .flow, unit: .litrePerSecond),
            RouteField("Temperature", .temperature), RouteField("Battery", .battery),
        ]
        let names = route.fields.map(\.path)
        let atMs: Int64 = 1_777_615_200_000
        func metrics(_ device: Int) -> [WireWriter.Metric] {
            names.indices.map { .init(alias: $0 + 1, atMs: atMs + Int64($0), value: Double(device) / 8 + 20) }
        }
        // One device, its numbers in turn: 64 divides 256.
        let births = [
            ("spBv1.0/Water/NBIRTH/Station", WireWriter.sparkplug([], atMs: atMs, sequence: 254)),
            (
                "spBv1.0/Water/DBIRTH/Station/Pump",
                WireWriter.sparkplug(
                    names.indices.map { .init(name: names[$0], alias: $0 + 1, atMs: atMs, value: 20) }, atMs: atMs,
                    sequence: 255)
            ),
        ]
        let topic = bytes("spBv1.0/Water/DDATA/Station/Pump")
        return DecodeCase(
            name: "Sparkplug B", topics: (0..<256).map { _ in topic },
            payloads: (0..<256).map { WireWriter.sparkplug(metrics($0 % 64), atMs: atMs, sequence: $0) },
            references: (0..<256).map { number in
                let metrics = metrics(number % 64).map {
                    #"{"alias":\#($0.alias),"timestamp":\#($0.atMs),"datatype":10,"value":\#($0.value)}"#
                }
                return bytes(
                    #"{"timestamp":\#(atMs),"metrics":[\#(metrics.joined(separator: ","))],"seq":\#(number)}"#)
            },
            reference: CREFERENCES_METRICS, referenceReads: "all fields of the same payload as JSON",
            note: "ours follows the node's numbers and aliases, converts units, and gives four readings", readings: 4,
            route: route, births: births, weight: 2)
    }

    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
}
