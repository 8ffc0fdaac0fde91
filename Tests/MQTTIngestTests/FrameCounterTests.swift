import MQTTIngest
import MQTTSession
import Readings
import TestSupport
import Testing

/// LoRaWAN servers publish at QoS 0: what frame counters say of losses comes with the readings, through a real broker.
@Suite(.serialized) struct FrameCounterTests {
    @Test func eachFrameIsToldWithItsReadingsAndAlsoOneThatCannotBeRead() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let probe = IngestProbe()
        var route = Route(
            name: "ttn", topic: try TopicPattern("v3/{app}/devices/{device}/+"), format: .theThingsStack)
        route.profile = DeviceProfile(name: "milesight-ws303")
        let worker = try broker.worker(probe, routes: [route])
        try #require(probe.wait { $0.connections == [false, true] })
        let publisher = try broker.publisher()
        func uplink(_ count: Int, minute: Int, _ status: String = #""normal""#) throws {
            let payload =
                #"{"end_device_ids":{"device_id":"leak-7"},"uplink_message":{"session_key_id":"a","f_cnt":\#(count),"#
                + #""received_at":"2026-05-01T06:0\#(minute):00Z","decoded_payload":{"leakage_status":\#(status)},"#
                + #""rx_metadata":[{"rssi":-97,"snr":7.5}]}}"#
            try publisher.publish(topic: "v3/a/devices/leak-7/up", payload: Array(payload.utf8))
        }
        try uplink(5, minute: 0)
        try uplink(8, minute: 3)
        try uplink(9, minute: 4, "null")
        try publisher.publish(
            topic: "v3/a/devices/leak-7/join",
            payload: Array(#"{"end_device_ids":{"device_id":"leak-7"},"join_accept":{}}"#.utf8))
        try publisher.publish(topic: "v3/a/devices/leak-7/up", payload: Array("{".utf8))
        try uplink(0, minute: 5)
        try publisher.flush()
        #expect(probe.wait { $0.readings.count == 3 && $0.frames.count == 4 })
        worker.stop()
        worker.join()
        let seen = probe.now
        #expect(seen.introductions == [["leak-7", "", "ttn", "v3/a/devices/leak-7/up"]])
        #expect(seen.frames.map(\.counter) == [5, 8, 9, 0])
        #expect(seen.frames.map(\.atMs) == [0, 3, 4, 5].map { 1_777_615_200_000 + $0 * 60_000 })
        #expect(seen.frames.allSatisfy { $0.rssiDBm == -97 && $0.snrDB == 7.5 && $0.session != 0 })
        #expect(seen.joins.count == 1)
        #expect(seen.readings.map(\.counter) == [5, 8, 0])
        #expect(seen.quarantined.map(\.header.reason) == [.wrongType, .notJSON])
        probe.end()
    }

    /// A ring so small that the message waits in the middle: still each reading once, and one message in quarantine.
    @Test func aMessageOfWhichAPartCannotBeReadIsStoredAndQuarantined() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let probe = IngestProbe(capacity: 64)
        var route = Route(name: "files", topic: try TopicPattern("files/+"), format: .csv, kind: .binFill)
        (route.sensorField, route.timeField) = ("id", "t")
        route.fields = [RouteField("level", .fill), RouteField("tilt", .tilt)]
        let worker = try broker.worker(probe, routes: [route])
        try #require(probe.wait { $0.connections == [false, true] })
        let lines = (0..<100).map { "\(1_777_615_200 + $0),bin-\($0 % 20),\($0 == 50 ? "Invalid" : "40"),1" }
        let payload = Array(("t,id,level,tilt\n" + lines.joined(separator: "\n")).utf8)
        let publisher = try broker.publisher()
        try publisher.publish(topic: "files/a", payload: payload)
        try publisher.flush()
        #expect(probe.wait { $0.quarantined.count == 1 })
        worker.stop()
        worker.join()
        let seen = probe.now
        #expect(seen.readings.count == 199 && seen.readings.count { $0.quantity == .tilt } == 100)
        #expect(seen.quarantined.map(\.header.reason) == [.wrongType])
        #expect(seen.quarantined[0].payload == payload)
        #expect(
            seen.quarantined[0].detail
                == #"level: must be a number, found "Invalid"; what else it measured is stored"#)
        probe.end()
    }

    /// A message that speaks of two new sensors waits for both, and each reading is pushed once.
    @Test func aMessageOfManySensorsIsPushedWhole() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let probe = IngestProbe(capacity: 64)
        var route = Route(name: "files", topic: try TopicPattern("files/+"), format: .csv, kind: .binFill)
        (route.sensorField, route.timeField) = ("id", "t")
        route.fields = [RouteField("level", .fill)]
        let worker = try broker.worker(probe, routes: [route])
        try #require(probe.wait { $0.connections == [false, true] })
        let lines = (0..<200).map { "\(1_777_615_200 + $0),bin-\($0 % 20),\($0 % 100)" }
        let publisher = try broker.publisher()
        try publisher.publish(topic: "files/a", payload: Array(("t,id,level\n" + lines.joined(separator: "\n")).utf8))
        try publisher.flush()
        #expect(probe.wait { $0.readings.count >= 200 })
        worker.stop()
        worker.join()
        #expect(probe.now.introduced == (0..<20).map { "bin-\($0)" })
        #expect(probe.now.readings.count == 200)
        #expect(Set(probe.now.readings.map(\.observedAtMs)).count == 200)
        probe.end()
    }
}
