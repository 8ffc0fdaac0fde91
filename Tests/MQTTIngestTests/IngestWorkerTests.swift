import Crypto
import MQTTIngest
import MQTTSession
import Readings
import TestSupport
import Testing

@Suite(.serialized) struct IngestWorkerTests {
    @Test func brokerRestartLosesNothing() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let probe = IngestProbe()
        let worker = try broker.worker(probe)
        try #require(probe.wait { $0.connections == [false, true] })
        let publisher = try broker.publisher(window: 50)
        for round in 0..<3 {
            try publisher.send(round * 500..<(round + 1) * 500)
            broker.stop()
            try broker.restart()
        }
        #expect(probe.wait { Set($0.counters).count == 1500 })
        #expect(probe.wait { $0.connections.filter { $0 }.count >= 2 })
        #expect(worker.status.connects >= 2)
        #expect(worker.status.lastError != nil)
        worker.stop()
        worker.join()
        // Commands alternate: nothing goes up twice or down twice.
        let changes = probe.now.connections
        #expect(zip(changes, changes.dropFirst()).allSatisfy { $0 != $1 })
        probe.end()
    }

    @Test func fullRingHoldsBackAndLosesNothing() throws {
        let broker = try TestBroker(lines: ["log_type none"])
        defer { broker.stop() }
        let probe = IngestProbe(capacity: 64, takes: false)
        let worker = try broker.worker(probe) { $0.session.receiveMaximum = 500 }
        try #require(probe.wait { _ in worker.status.phase == .connected })
        let publisher = try broker.publisher()
        try publisher.send(0..<5000)
        #expect(probe.now.readings.isEmpty)
        probe.take(true)
        #expect(probe.wait { Set($0.counters).count == 5000 })
        #expect(probe.now.isExactly(0..<5000))
        worker.stop()
        worker.join()
        probe.end()
    }

    @Test func fullRingOverTLSLosesNothing() throws {
        let broker = try TestBroker(lines: ["log_type none", "certfile DIR/server.pem", "keyfile DIR/server.key"]) {
            try TestBroker.makeCertificates(for: "127.0.0.1", in: $0)
        }
        defer { broker.stop() }
        let tls = TLSConfiguration(caFile: "\(broker.directory)/ca.pem")
        let probe = IngestProbe(capacity: 64, takes: false)
        let worker = try broker.worker(probe) { $0.session.tls = tls }
        try #require(probe.wait { _ in worker.status.phase == .connected })
        var sending = broker.session("publisher")
        sending.tls = tls
        let publisher = try MQTTPublisher(sending, wallMs: { 0 }, logger: quiet)
        try publisher.connect()
        try publisher.send(0..<3000)
        probe.take(true)
        #expect(probe.wait { $0.counters.count == 3000 })
        #expect(probe.now.isExactly(0..<3000))
        worker.stop()
        worker.join()
        probe.end()
    }

    @Test func introducesAnUnknownSensorOnce() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let probe = IngestProbe()
        let worker = try broker.worker(probe, known: [("bin-old", SensorIndex(rawValue: 77))])
        try #require(probe.wait { $0.connections == [false, true] })
        let publisher = try broker.publisher()
        try publisher.send(0..<20, sensor: "bin-a")
        try publisher.send(20..<40, sensor: "bin-b")
        try publisher.send(40..<60, sensor: "bin-a")
        try publisher.send(60..<80, sensor: "bin-old")
        #expect(probe.wait { $0.readings.count == 80 })
        #expect(probe.now.introduced == ["bin-a", "bin-b"])
        let indexes = probe.now.readings.map(\.sensor.rawValue)
        #expect(indexes == [0, 1, 0, 77].flatMap { Array(repeating: $0, count: 20) })
        #expect(probe.wait { _ in broker.acknowledged() == 80 })
        worker.stop()
        worker.join()
        probe.end()
    }

    @Test func stopInterruptsTheWaitForAnIndex() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let probe = IngestProbe()
        probe.answer(false)
        let worker = try broker.worker(probe) { $0.stopGrace = .milliseconds(200) }
        try #require(probe.wait { $0.connections == [false, true] })
        try broker.publisher().send(0..<5)
        try #require(probe.wait { $0.introduced == ["bin-1"] })
        worker.stop()
        worker.join()
        #expect(probe.now.readings.isEmpty)
        #expect(broker.acknowledged() == 0)
        probe.end()

        let next = IngestProbe()
        let second = try broker.worker(next)
        #expect(next.wait { $0.counters == [0, 1, 2, 3, 4] })
        second.stop()
        second.join()
        next.end()
    }

    @Test func refusedSensorIsQuarantinedWithoutAskingAgain() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let probe = IngestProbe(refusal: .tooManySensors)
        let worker = try broker.worker(probe)
        try #require(probe.wait { $0.connections == [false, true] })
        try broker.publisher().send(0..<3)
        #expect(probe.wait { $0.quarantined.count == 3 })
        let seen = probe.now
        #expect(seen.introduced == ["bin-1"])
        #expect(seen.readings.isEmpty)
        #expect(seen.quarantined.allSatisfy { $0.header.reason == .tooManySensors && $0.detail.contains("bin-1") })
        #expect(seen.quarantined.map { String(decoding: $0.payload, as: UTF8.self) }[2] == #"{"value":2,"seq":2}"#)
        #expect(probe.wait { _ in broker.acknowledged() == 3 })
        worker.stop()
        worker.join()
        probe.end()
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var topic = "sluice/bin-fill/bin-1"
        var payload: [UInt8]
        var reason: QuarantineReason
    }

    @Test func badMessagesAreQuarantinedWholeAndAcknowledged() throws {
        let large = Array(#"{"value":1,"note":"\#(String(repeating: "x", count: 70_000))"}"#.utf8)
        let cases = [
            Bad(testDescription: "not JSON", payload: Array("oops".utf8), reason: .notJSON),
            Bad(testDescription: "empty", payload: [], reason: .notJSON),
            Bad(testDescription: "zero bytes", payload: [0, 0, 0], reason: .notJSON),
            Bad(testDescription: "no route", topic: "sluice/bin-fill/a/b", payload: Array("{}".utf8), reason: .noRoute),
            Bad(testDescription: "unknown kind", topic: "sluice/what/a", payload: Array("{}".utf8), reason: .noRoute),
            Bad(testDescription: "oversized", payload: large, reason: .oversized),
        ]
        let broker = try TestBroker()
        defer { broker.stop() }
        let probe = IngestProbe()
        let worker = try broker.worker(probe) { $0.session.topicFilters = ["sluice/#"] }
        try #require(probe.wait { $0.connections == [false, true] })
        let publisher = try broker.publisher()
        for c in cases { try publisher.publish(topic: c.topic, payload: c.payload) }
        try publisher.send(0..<1)
        try #require(probe.wait { $0.readings.count == 1 })
        let seen = probe.now.quarantined
        try #require(seen.count == cases.count)
        for (c, got) in zip(cases, seen) {
            #expect(got.header.reason == c.reason, "\(c.testDescription): \(got.detail)")
            #expect(got.topic == c.topic)
            #expect(!got.detail.isEmpty)
            #expect(got.header.payloadBytes == UInt32(c.payload.count))
            #expect(got.header.arrivedAtMs == 1_777_600_000_000)
            if c.reason == .oversized {
                #expect(got.payload == Array(c.payload.prefix(4096)))
                #expect(got.hash == Array(SHA256.hash(data: c.payload)))
            } else {
                #expect(got.payload == c.payload)
                #expect(got.hash == [])
            }
        }
        #expect(probe.wait { _ in broker.acknowledged() == cases.count + 1 })
        worker.stop()
        worker.join()
        probe.end()
    }

    @Test(arguments: SessionConfiguration.ProtocolVersion.allCases)
    func retainedReadingsAreIgnored(_ version: SessionConfiguration.ProtocolVersion) throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let publisher = try broker.publisher()
        try publisher.publish(
            topic: "sluice/bin-fill/bin-1", payload: Array(#"{"value":50,"seq":99}"#.utf8), retain: true)
        try publisher.flush()
        let probe = IngestProbe()
        let worker = try broker.worker(probe, version: version)
        try #require(probe.wait { $0.connections == [false, true] })
        try publisher.send(0..<1)
        #expect(probe.wait { $0.readings.count == 1 })
        #expect(probe.now.counters == [0])
        worker.stop()
        worker.join()
        probe.end()
    }

    @Test func backlogIsReadBeforeTheConnectionCountsAsUp() throws {
        let broker = try TestBroker(lines: ["log_type none"])
        defer { broker.stop() }
        let before = IngestProbe()
        let first = try broker.worker(before)
        try #require(before.wait { $0.connections == [false, true] })
        first.stop()
        first.join()
        before.end()
        try broker.publisher().send(0..<20_000)

        let probe = IngestProbe(capacity: 65_536)
        let second = try broker.worker(probe)
        #expect(probe.wait { $0.connections == [false, true] })
        #expect(probe.readingCount == 20_000)
        second.stop()
        second.join()
        probe.end()
    }

    @Test func severalBrokersRunSideBySide() throws {
        let brokers = try (0..<3).map { _ in try TestBroker(lines: ["log_type none"]) }
        defer { for broker in brokers { broker.stop() } }
        let probes = brokers.map { _ in IngestProbe() }
        let workers = try zip(brokers, probes).map { broker, probe in try broker.worker(probe) }
        for probe in probes { try #require(probe.wait { $0.connections == [false, true] }) }
        let publishers = try brokers.map { try $0.publisher() }
        for (place, publisher) in publishers.enumerated() { try publisher.send(place * 1000..<place * 1000 + 500) }
        for (place, probe) in probes.enumerated() {
            #expect(probe.wait { $0.counters == Array(place * 1000..<place * 1000 + 500) })
        }
        for worker in workers { worker.stop() }
        for worker in workers { worker.join() }
        for probe in probes { probe.end() }
    }

    @Test func refusedPasswordShowsInTheStatus() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let probe = IngestProbe()
        let worker = try broker.worker(probe) { $0.session.password = "wrong" }
        #expect(probe.wait { _ in worker.status.phase == .refused })
        #expect(!probe.wait(ms: 1000) { _ in broker.logCount("disconnected, not authorised") > 1 })
        #expect(worker.status.lastError?.contains("check username and password") == true)
        #expect(probe.now.connections == [false])
        worker.stop()
        worker.join()
        probe.end()
    }
}
