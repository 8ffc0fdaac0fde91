import FaultSupport
import Foundation
import MQTTSession
import TestSupport
import Testing

/// What sensors send.
@Suite(.timeLimit(.minutes(2))) struct InputFaultTests {
    /// Payloads that can't be read.
    static let poison: [[UInt8]] = [
        [], [0], Array("{".utf8), Array("{\"value\":1e309}".utf8), Array("{\"value\":NaN}".utf8),
        [0x7B, 0x22, 0xFF, 0xFE, 0x22, 0x3A, 0x31, 0x7D], Array(repeating: 0x5B, count: 5000),
        Array("{\"value\":\(String(repeating: "9", count: 400))}".utf8),
        Array("{\"ts\":\"yesterday\",\"value\":1}".utf8),
        [UInt8](repeating: 0xC0, count: 70_000),
    ]

    @Test func poisonBlocksNobodyAndIsAcknowledged() async throws {
        let site = try FaultSite()
        let daemon = try await site.start()
        let stream = FaultSite.stream(5000)
        let publisher = try site.publisher()
        for number in 0..<5000 {
            if number % 5 == 0 {
                let payload = Self.poison[number / 5 % Self.poison.count]
                try publisher.publish(topic: "sluice/bin-fill/poison", payload: payload)
            }
            try publisher.publish(topic: stream.topic(ofSensor: stream[number].sensor), payload: stream.payload(number))
        }
        try publisher.flush()
        publisher.close()
        try await site.stores(5000)
        try await eventually("everything is acknowledged") { site.proxy.acknowledgements == 6000 }
        #expect(try await site.metric("sluice_mqtt_quarantined_total") == 1000)
        try await site.expectExact(stream, stopping: daemon)
    }

    @Test func aMegabyteIsRefusedToItsPublisherAndTwoHundredKilobytesAreQuarantinedByTheirHead() async throws {
        let site = try FaultSite()
        let daemon = try await site.start()
        let publisher = try site.publisher()
        for _ in 0..<20 {
            try publisher.publish(topic: "sluice/bin-fill/large", payload: [UInt8](repeating: 0x20, count: 200_000))
        }
        try publisher.flush()
        // The broker closes on its publisher; to us it never comes.
        try? publisher.publish(topic: "sluice/bin-fill/large", payload: [UInt8](repeating: 0x20, count: 1_000_000))
        publisher.service(timeoutMs: 300)
        publisher.close()
        let stream = FaultSite.stream(100)
        try site.publish(stream, 0..<100)
        try await site.stores(100)
        #expect(site.proxy.connections == 1)
        #expect(try await site.metric("sluice_mqtt_quarantined_total", "oversized") == 20)
        try await site.expectExact(stream, stopping: daemon)
        #expect(try site.stored().quarantineBytes() <= 20 * 4096)
    }

    @Test func aRepeatedReadingIsStoredOnceAndAConflictingOneKeepsTheFirst() async throws {
        let site = try FaultSite()
        let daemon = try await site.start()
        let stream = FaultSite.stream(1000)
        try site.publish(stream, 0..<1000)
        try site.publish(stream, 0..<1000)
        let item = stream[999]
        let other = #"{"ts":\#(item.observedAtMs),"metric":"tilt","value":\#(1 - item.value)}"#
        try site.publish([(stream.topic(ofSensor: item.sensor), other), (stream.topic(ofSensor: item.sensor), other)])
        try await eventually("all is counted") {
            try await site.metric("sluice_readings_unusual_total", "conflict") >= 1
        }
        try await eventually("the repetitions are counted") {
            try await site.metric("sluice_readings_unusual_total", "duplicate") >= 1001
        }
        try await site.end(daemon)
        let audit = try StreamAudit(of: stream, in: site.stored())
        // The conflicting one stands beside it, once, marked as what it is.
        #expect(audit.rows == 1001)
        #expect(audit.wrong == 1)
        #expect(audit.lost == 0)
    }

    @Test func aTenfoldBurstIsHeldByTheBrokerAndMemoryStaysFlat() async throws {
        let site = try FaultSite()
        // A small ring is full at once: then the connection stops reading.
        try site.configure(mqtt: ["ring_capacity: 1024"])
        let daemon = try await site.start()
        let stream = FaultSite.stream(150_000, sensors: 1000)
        try site.publish(stream, 0..<15_000)
        try await site.stores(15_000)
        let before = try daemon.residentKilobytes()
        try site.publish(stream, 15_000..<150_000)
        try await site.stores(150_000, within: .seconds(40))
        let peak = try daemon.residentKilobytes(peak: true)
        #expect(peak - before < 100 << 10, "\(before) kB before, \(peak) kB at most")
        try await site.expectExact(stream, stopping: daemon)
    }

    @Test func whatSensorsAreCalledForgesNoLineOfTheLog() async throws {
        let site = try FaultSite()
        let daemon = try await site.start()
        let names = [
            #"x","event":"forged","y":""#, #"x"}{"event":"forged"}"#, #"x\u000a{\"event\":\"forged\"}"#,
            "x\u{2028}forged",
            "abc\u{202E}txt.exe", #"\"\n{"event":"forged"}"#,
        ]
        // As a topic's level, and as what a payload says.
        try site.publish(names.map { ("sluice/bin-fill/\($0)", #"{"value":1}"#) })
        try site.publish(names.map { ("sluice/bin-fill/sound", #"{"value":1,"metric":"\#($0)"}"#) })
        let stream = FaultSite.stream(100)
        try site.publish(stream, 0..<100)
        try await site.stores(100)
        try await eventually("everything is acknowledged") { site.proxy.acknowledgements == 100 + 2 * names.count }
        try await site.end(daemon)
        for line in daemon.output.split(separator: "\n") {
            let object = try #require(
                try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
            #expect(object["event"] as? String != "forged")
        }
    }

    @Test func aFloodingSensorIsShedByNameAndOthersAreNot() async throws {
        let site = try FaultSite()
        let daemon = try await site.start()
        let stream = FaultSite.stream(2000)
        let publisher = try site.publisher()
        let startMs = stream[0].observedAtMs
        // Twenty times as many as everybody else, a millisecond apart.
        for number in 0..<40_000 {
            let payload = Array(#"{"ts":\#(startMs + Int64(number)),"metric":"value","value":\#(number % 7)}"#.utf8)
            try publisher.publish(topic: "sluice/generic/babbler", payload: payload)
            guard number % 20 == 0 else { continue }
            let own = number / 20
            try publisher.publish(topic: stream.topic(ofSensor: stream[own].sensor), payload: stream.payload(own))
        }
        try publisher.flush()
        publisher.close()
        let line = try await daemon.event("sensor.shed")
        #expect(line.contains("babbler"))
        try await eventually("everything is acknowledged") { site.proxy.acknowledgements == 42_000 }
        let shed = try await site.metric("sluice_readings_unusual_total", "shed")
        #expect(shed > 30_000)
        try await site.end(daemon)
        let audit = try StreamAudit(of: stream, in: site.stored())
        #expect(audit.lost == 0)
        #expect(audit.duplicates == 0)
        #expect(Double(audit.foreign) + shed == 40_000, "each is stored or counted")
    }

    @Test func newNamesAreTakenUpToTheLimitAndKnownSensorsGoOn() async throws {
        let site = try FaultSite()
        try site.configure(extra: "sensors:\n  max: 300")
        let daemon = try await site.start()
        let stream = FaultSite.stream(5000)
        try site.publish(stream, 0..<250)
        try await site.stores(250)
        try site.publish((0..<5000).map { ("sluice/bin-fill/made-up-\($0)", #"{"value":1}"#) })
        try site.publish(stream, 250..<5000)
        try await site.stores(5050)
        try await eventually("everything is acknowledged") { site.proxy.acknowledgements == 10_000 }
        #expect(try await site.metric("sluice_mqtt_quarantined_total", "too_many_sensors") == 4950)
        try await site.end(daemon)
        let audit = try StreamAudit(of: stream, in: site.stored())
        #expect(audit.lost == 0)
        #expect(audit.foreign == 50)
    }
}
