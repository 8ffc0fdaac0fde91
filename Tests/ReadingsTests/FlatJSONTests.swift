import Readings
import Testing

@Suite struct FlatJSONTests {
    struct Good: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var payload: String
        var topic = "sluice/bin-fill/s-1"
        var quantities: [Quantity]
        var values: [Double]
        var atMs: Int64 = arrival
        var counter: Int32 = -1
    }

    @Test(arguments: [
        Good(
            testDescription: "the kind gives the quantity", payload: #"{"value":83}"#, quantities: [.fill], values: [83]
        ),
        Good(
            testDescription: "a leak logger's is flow", payload: #"{"value":2.5}"#, topic: "sluice/water-leak/s-1",
            quantities: [.flow], values: [2.5]),
        Good(
            testDescription: "traffic's is speed", payload: #"{"value":42}"#, topic: "sluice/traffic/s-1",
            quantities: [.speed], values: [42]),
        Good(
            testDescription: "the payload's metric wins", payload: #"{"metric":"temperature_c","value":21.5}"#,
            quantities: [.temperature], values: [21.5]),
        Good(
            testDescription: "a ratio becomes percent", payload: #"{"unit":"/","value":0.5}"#, quantities: [.fill],
            values: [50]),
        Good(
            testDescription: "litres a second become m³/h", payload: #"{"unit":"l/s","value":10}"#,
            topic: "sluice/water-leak/s-1", quantities: [.flow], values: [36]),
        Good(
            testDescription: "a metric of another unit", payload: #"{"metrics":{"temperature_f":50}}"#,
            quantities: [.temperature], values: [10]),
        Good(
            testDescription: "a generic sensor takes any unit as it is", payload: #"{"unit":"furlong","value":4}"#,
            topic: "sluice/generic/s-1", quantities: [.generic], values: [4]),
        Good(
            testDescription: "contacts are 0 and 1", payload: #"{"metrics":{"wet":true,"tilt":false}}"#,
            quantities: [.wetness, .tilt], values: [1, 0]),
        Good(
            testDescription: "metrics keep the payload's order",
            payload: #"{"ts":1777600000,"metrics":{"occupancy_pct":12,"flow_vph":900,"speed_kmh":42.5},"seq":7}"#,
            topic: "sluice/traffic/s-1", quantities: [.occupancy, .vehicleFlow, .speed], values: [12, 900, 42.5],
            atMs: 1_777_600_000_000, counter: 7),
        Good(
            testDescription: "time with offset and fraction",
            payload: #"{"ts":"2026-05-01T08:00:00.123456789+02:00","value":83}"#, quantities: [.fill], values: [83],
            atMs: arrival + 123),
        Good(
            testDescription: "milliseconds as a number", payload: #"{"ts":1777615200250,"value":83}"#,
            quantities: [.fill], values: [83], atMs: arrival + 250),
        Good(
            testDescription: "seconds with a fraction", payload: #"{"ts":1777615200.123,"value":83}"#,
            quantities: [.fill], values: [83], atMs: arrival + 123),
        Good(
            testDescription: "minus zero is zero", payload: #"{"value":-0}"#, quantities: [.fill], values: [0]),
        Good(
            testDescription: "too small for a double is zero", payload: #"{"value":1e-400}"#, quantities: [.fill],
            values: [0]),
        Good(
            testDescription: "a long fraction rounds to the nearest",
            payload: #"{"value":0.1000000000000000055511151231}"#,
            quantities: [.fill], values: [0.1]),
        Good(
            testDescription: "the largest counter", payload: #"{"value":1,"seq":2147483647}"#, quantities: [.fill],
            values: [1], counter: .max),
    ])
    func measures(_ c: Good) throws {
        let outcome = decode(c.payload, topic: c.topic)
        let message = try #require(outcome.message, "\(outcome)")
        #expect(message.sensorName == "s-1")
        #expect(message.measurements.map(\.quantity) == c.quantities)
        #expect(message.measurements.map(\.value) == c.values)
        #expect(message.measurements.allSatisfy { $0.observedAtMs == c.atMs && $0.counter == c.counter })
        #expect(message.measurements.allSatisfy { $0.value.sign == .plus })
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var payload: String
        var topic = "sluice/bin-fill/s-1"
        var reason: QuarantineReason
        var sentence: String
    }

    @Test(arguments: [
        Bad(
            testDescription: "a string for a number", payload: #"{"value":"12.5°C"}"#, reason: .wrongType,
            sentence: #"value: must be a number, found "12.5°C""#),
        Bad(
            testDescription: "a metric that nobody knows", payload: #"{"metrics":{"humidity":50}}"#,
            reason: .unknownQuantity, sentence: "metrics.humidity: must name a metric that Sluice knows"),
        Bad(
            testDescription: "another sensor's id", payload: #"{"sensor_id":"s-2","value":1}"#, reason: .topicMismatch,
            sentence: #"sensor_id: must name the sensor that the topic names, found "s-2""#),
        Bad(
            testDescription: "pressure for a fill level", payload: #"{"value":1,"unit":"kPa"}"#, reason: .wrongUnit,
            sentence: #"unit: must be a unit of the quantity's dimension, found "kPa""#),
        Bad(
            testDescription: "something behind the object", payload: #"{"value":1} x"#, reason: .notJSON,
            sentence: #"payload: must end after its JSON object, found "x" at byte 12"#),
        Bad(
            testDescription: "an array", payload: #"[1]"#, reason: .notJSON,
            sentence: #"payload: must be one JSON object, found "[1]" at byte 0"#),
        Bad(
            testDescription: "nothing", payload: "", reason: .notJSON,
            sentence: "payload: must be one JSON object, found its end at byte 0"),
        Bad(
            testDescription: "the same field twice", payload: #"{"value":1,"value":1}"#, reason: .duplicateField,
            sentence: "value: must occur only once"),
        Bad(
            testDescription: "control characters can't forge a log line",
            payload: #"{"value":"a\nlevel=error\u001b[0m"}"#,
            reason: .wrongType, sentence: #"value: must be a number, found "a\u{a}level=error\u{1b}[0m""#),
        Bad(
            testDescription: "a kind that is none", payload: #"{"value":1}"#, topic: "sluice/parking/s-1",
            reason: .noRoute,
            sentence:
                #"topic {kind}: must name a kind of sensor (water-leak, traffic, bin-fill, generic), found "parking""#),
        Bad(
            testDescription: "a topic that no route takes", payload: #"{"value":1}"#, topic: "elsewhere/s-1",
            reason: .noRoute, sentence: #"topic: must match a route, found "elsewhere/s-1""#),
        Bad(
            testDescription: "an empty id in the topic", payload: #"{"value":1}"#, topic: "sluice/traffic/",
            reason: .badSensorID,
            sentence: #"topic {sensor}: must be 1–128 bytes of UTF-8 without control characters, found """#),
    ])
    func refuses(_ c: Bad) {
        guard case .refused(let error) = decode(c.payload, topic: c.topic) else {
            Issue.record("taken")
            return
        }
        #expect(error.reason == c.reason)
        #expect(error.description == c.sentence)
    }

    @Test func aLongFindIsCut() {
        guard case .refused(let error) = decode(#"{"value":"\#(String(repeating: "x", count: 500))"}"#) else {
            Issue.record("taken")
            return
        }
        #expect(error.description.count < 100)
        #expect(error.description.hasSuffix("…"))
    }

    @Test func aRouteGivesWhatThePayloadLacks() throws {
        let topic = try TopicPattern("water/+/{sensor}/p")
        let route = Route(name: "bar", topic: topic, kind: .waterLeak, quantity: .pressure, unit: .bar)
        #expect(route.problems() == [])
        let lone = try #require(decode(#"{"value":4}"#, topic: "water/7/p-9/p", routes: [route]).message)
        #expect(lone.kind == .waterLeak && lone.sensorName == "p-9")
        #expect(lone.measurements.map(\.quantity) == [.pressure])
        #expect(abs(lone.measurements[0].value - 40.789) < 0.001)
        // The route's unit is for the route's quantity, not for whatever else the payload names.
        let named = decode(#"{"value":4,"metric":"flow_m3h"}"#, topic: "water/7/p-9/p", routes: [route]).message
        #expect(named?.measurements.map(\.value) == [4])
        let stated = decode(#"{"value":4,"unit":"m"}"#, topic: "water/7/p-9/p", routes: [route]).message
        #expect(stated?.measurements.map(\.value) == [4])
    }

    @Test func withoutIDAnywhereTheFieldIsMissing() throws {
        let route = Route(name: "one", topic: try TopicPattern("one"), kind: .generic)
        #expect(decode(#"{"value":1}"#, topic: "one", routes: [route]).label == "missing_field")
        #expect(decode(#"{"sensor_id":"urn:dev:ow:1","value":1}"#, topic: "one", routes: [route]).label == "good")
    }

    @Test func aLongPayloadIsOversized() {
        let payload = Array(#"{"value":1}"#.utf8)
        #expect(decode(payload, longestPayload: payload.count).label == "good")
        #expect(decode(payload, longestPayload: payload.count - 1).label == "oversized")
        #expect(decode([UInt8](repeating: 0x20, count: 70_000)).label == "oversized")
    }

    /// A zero byte ends nothing: the parser's own, behind the document, must not stand for one within.
    @Test(arguments: [
        "{\"value\":20\0x}", "{\"value\":20\0,\"seq\":1}", "{\"value\":20}\0", "{\"seq\":1,\"value\":true\0}",
    ])
    func aZeroByteBehindAValueIsNoJSON(_ payload: String) {
        // Read first as a stranger's, then by shape and layout as they are remembered.
        var decoder = MessageDecoder(routes: RouteTable([.standard]))
        for _ in 0..<4 {
            _ = decode(Array(#"{"value":20}"#.utf8), topic: "sluice/generic/s-1", with: &decoder)
            #expect(decode(Array(payload.utf8), topic: "sluice/generic/s-1", with: &decoder).label == "not_json")
        }
    }

    @Test func nestingIsLimitedTo16() {
        func nested(_ depth: Int) -> String {
            #"{"value":1,"a":"# + String(repeating: "[", count: depth - 1) + String(repeating: "]", count: depth - 1)
                + "}"
        }
        #expect(decode(nested(16)).label == "good")
        #expect(decode(nested(17)).label == "not_json")
        #expect(decode(nested(1000)).label == "not_json")
        #expect(decode(String(repeating: "[", count: 60_000)).label == "not_json")
        #expect(decode(String(repeating: #"{"a":"#, count: 1000)).label == "not_json")
    }

    @Test func everyMetricOfAMessageIsTaken() throws {
        let metrics = Quantity.allCases.map { #""\#($0.name)":1"# }.joined(separator: ",")
        let message = try #require(decode("{\"metrics\":{\(metrics)}}").message)
        #expect(message.measurements.map(\.quantity) == Quantity.allCases)
        // More members than the parser has room for at first.
        let many = (0..<5000).map { #""m\#($0)":1"# }.joined(separator: ",")
        #expect(decode("{\"metrics\":{\(many)}}").label == "unknown_quantity")
    }

    @Test(arguments: [
        (#"{"ts":1777615200,"value":83,"seq":7}"#, Int64(7)), (#"{"ts":1777615200,"value":83,"seq":0}"#, 0),
        // When it was sent nobody knows: delivered again it would look like another.
        (#"{"value":83,"seq":7}"#, -1), (#"{"ts":1777615200,"value":83}"#, -1),
    ])
    func aCountBesideItsTimeIsTheSensorsHistory(_ payload: String, _ counter: Int64) throws {
        let frame = try #require(decode(payload, topic: "sluice/bin-fill/s-1").message).frame
        #expect(frame.counter == counter && frame.isDevices == (counter >= 0))
        if counter >= 0 { #expect(frame.atMs == 1_777_615_200_000) }
    }
}
