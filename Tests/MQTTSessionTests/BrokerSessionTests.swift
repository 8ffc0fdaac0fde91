import Foundation
import MQTTSession
import TestSupport
import Testing
import TimeBase

@Suite(.serialized) struct BrokerSessionTests {
    @Test(arguments: SessionConfiguration.ProtocolVersion.allCases)
    func acknowledgesNothingBeforeTheOwnerWrites(_ version: SessionConfiguration.ProtocolVersion) throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let subscriber = broker.session("reader", topics: ["t/#"], version: version)
        let inbox = Inbox()
        let session = try BrokerSession(subscriber, inbox)
        try #require(session.drive { session.state == .up })
        let sender = try MQTTPublisher(broker.session("sender"), wallMs: { 0 }, logger: EventLog().logger)
        try sender.connect()
        for number in 0..<10 { try sender.publish(topic: "t/x", payload: Array("\(number)".utf8)) }
        try sender.flush()

        // Reads, writes nothing.
        try #require(session.drive(writes: false) { inbox.messages.count == 10 })
        #expect(broker.logCount("Received PUBACK from reader") == 0)
        session.abandon()

        // A new process with the same id gets them again, and this one writes.
        let second = Inbox()
        let resumed = try BrokerSession(subscriber, second)
        try #require(resumed.drive { second.messages.count == 10 })
        #expect(second.messages == inbox.messages)
        try #require(resumed.drive { broker.logCount("Received PUBACK from reader") == 10 })
        resumed.disconnect()

        let third = Inbox()
        let last = try BrokerSession(subscriber, third)
        try #require(last.drive { last.state == .up })
        last.drive(ms: 200) { false }
        #expect(third.messages == [])
    }

    @Test(arguments: SessionConfiguration.ProtocolVersion.allCases)
    func givesUpWhatAnEarlierRunSubscribed(_ version: SessionConfiguration.ProtocolVersion) throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let earlier = try BrokerSession(broker.session("reader", topics: ["#"], version: version), Inbox())
        try #require(earlier.drive { earlier.state == .up })
        earlier.disconnect()

        var changed = broker.session("reader", topics: ["b/+"], version: version)
        changed.formerFilters = ["#", "b/+"]
        let inbox = Inbox()
        let session = try BrokerSession(changed, inbox)
        try #require(session.drive { session.state == .up && broker.logCount("Received UNSUBSCRIBE from reader") == 1 })
        let sender = try MQTTPublisher(broker.session("sender"), wallMs: { 0 }, logger: EventLog().logger)
        try sender.connect()
        for (topic, text) in [("a/x", "stale"), ("b/x", "wanted"), ("b/y", "last")] {
            try sender.publish(topic: topic, payload: Array(text.utf8))
        }
        try sender.flush()
        try #require(session.drive { inbox.messages.contains("last") })
        #expect(inbox.messages == ["wanted", "last"])
        session.disconnect()
    }

    @Test func refusedPasswordIsSaidAndNotRepeated() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        var configuration = broker.session("wrong", topics: ["#"])
        configuration.password = "not it"
        let log = EventLog()
        let session = try BrokerSession(configuration, nil, log: log)
        session.drive(ms: 1500) { false }
        #expect(session.board.status.phase == .refused)
        #expect(session.board.status.lastError?.contains("check username and password") == true)
        #expect(log.names.filter { $0 == "mqtt.refused" }.count == 1)
        #expect(broker.logCount("disconnected, not authorised") == 1)
    }

    @Test func contestedSessionKeepsAway() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let log = EventLog()
        let first = try BrokerSession(broker.session("same", topics: ["a"]), nil, log: log)
        for round in 1...5 {
            try #require(first.drive { first.state == .up })
            let rival = try BrokerSession(broker.session("same", topics: ["a"]), nil)
            try #require(rival.drive { rival.state == .up })
            try #require(first.drive(ms: 2000) { first.state == .down })
            #expect(first.lastError?.code == (round < 5 ? .lost : .takenOver))
            rival.abandon()
        }
        #expect(first.nextAttemptMs - MonotonicClock.nowMs() >= 29_000)
        #expect(first.board.status.lastError?.contains("client_id “same”") == true)
        #expect(log.names.contains("mqtt.taken_over"))
    }

    @Test func reconnectsAndSubscribesAgainAfterARestart() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let inbox = Inbox()
        let session = try BrokerSession(broker.session("reader", topics: ["t"]), inbox)
        try #require(session.drive { session.state == .up })
        broker.stop()
        try #require(session.drive { session.state == .down })
        #expect(session.board.status.phase == .backoff)
        try broker.restart()
        try #require(session.drive { session.state == .up })
        #expect(session.board.status.connects == 2)
        #expect(broker.logCount("Received SUBSCRIBE from reader") == 2)
    }

    @Test func brokerThatIsDownIsOnlyWaitedFor() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        broker.stop()
        let session = try BrokerSession(broker.session("early"), nil)
        session.drive(ms: 300) { false }
        #expect(session.lastError?.code == .connect)
        #expect(session.lastError?.description.contains("Connection refused") == true)
        try broker.restart()
        #expect(session.drive { session.state == .up })
    }

    @Test func unknownHostIsSaid() throws {
        var configuration = SessionConfiguration()
        configuration.host = "broker.invalid"
        let session = try BrokerSession(configuration, nil)
        session.connect()
        #expect(session.lastError?.code == .resolve)
        #expect(session.board.status.phase == .backoff)
    }

    @Test(arguments: SessionConfiguration.ProtocolVersion.allCases)
    func refusedSubscriptionIsSaid(_ version: SessionConfiguration.ProtocolVersion) throws {
        // mosquitto refuses no subscription by default, but has a limit of levels.
        let broker = try TestBroker()
        defer { broker.stop() }
        let deep = Array(repeating: "a", count: 300).joined(separator: "/")
        let session = try BrokerSession(broker.session("reader", topics: ["t", deep], version: version), nil)
        session.drive(ms: 2000) { session.board.status.phase != .connecting }
        #expect(session.board.status.phase != .connected)
        #expect(session.board.status.lastError != nil)
    }

    // MARK: - TLS

    @Test func trustsAnAuthorityAndChecksTheName() throws {
        let broker = try tlsBroker(for: "127.0.0.1")
        defer { broker.stop() }
        var configuration = broker.session("secure", topics: ["t"])
        configuration.tls = TLSConfiguration(caFile: "\(broker.directory)/ca.pem")
        let inbox = Inbox()
        let session = try BrokerSession(configuration, inbox)
        try #require(session.drive { session.state == .up })

        var sending = broker.session("sender")
        sending.tls = configuration.tls
        let sender = try MQTTPublisher(sending, wallMs: { 0 }, logger: EventLog().logger)
        try sender.connect()
        for number in 0..<500 { try sender.publish(topic: "t", payload: Array("\(number)".utf8)) }
        try sender.flush()
        #expect(session.drive { inbox.messages.count == 500 })
    }

    struct Ending: Sendable, CustomTestStringConvertible {
        var days: Int
        var warns: Bool
        var testDescription: String { "\(days) days" }
    }

    @Test(arguments: [Ending(days: 29, warns: true), Ending(days: 32, warns: false)])
    func warnsOfACertificateThatEndsSoon(_ ending: Ending) throws {
        let broker = try tlsBroker(for: "127.0.0.1", days: ending.days)
        defer { broker.stop() }
        var configuration = broker.session("secure", topics: ["t"])
        configuration.tls = TLSConfiguration(caFile: "\(broker.directory)/ca.pem")
        let log = EventLog()
        let session = try BrokerSession(configuration, nil, log: log)
        try #require(session.drive { session.state == .up })
        #expect(log.names.contains("mqtt.certificate_expires") == ending.warns)
    }

    struct Distrust: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var certificateName: String
        var trustsOther = false
        var days = 2
    }

    @Test(arguments: [
        Distrust(testDescription: "certificate for another name", certificateName: "broker.example"),
        Distrust(testDescription: "certificate of another authority", certificateName: "127.0.0.1", trustsOther: true),
        Distrust(testDescription: "certificate that has expired", certificateName: "127.0.0.1", days: -1),
    ])
    func refusesWhatItCantTrust(_ c: Distrust) throws {
        let broker = try tlsBroker(for: c.certificateName, days: c.days)
        defer { broker.stop() }
        let other = try broker.makeDirectory("other")
        try TestBroker.makeCertificates(for: "127.0.0.1", in: other)
        var configuration = broker.session("secure", topics: ["t"])
        configuration.tls = TLSConfiguration(caFile: "\(c.trustsOther ? other : broker.directory)/ca.pem")
        let log = EventLog()
        let session = try BrokerSession(configuration, nil, log: log)
        session.drive(ms: 1000) { false }
        #expect(session.lastError?.code == .tls, "\(String(describing: session.lastError))")
        #expect(session.board.status.phase == .refused)
        #expect(log.names.filter { $0 == "mqtt.tls_failed" }.count == 1)
        #expect(broker.logCount("New client connected") == 0)
    }

    @Test func neverFallsBackToPlain() throws {
        let broker = try TestBroker()  // speaks plain MQTT only
        defer { broker.stop() }
        let other = try broker.makeDirectory("other")
        try TestBroker.makeCertificates(for: "127.0.0.1", in: other)
        var configuration = broker.session("secure", topics: ["t"])
        configuration.tls = TLSConfiguration(caFile: "\(other)/ca.pem")
        let session = try BrokerSession(configuration, nil)
        session.drive(ms: 700) { false }
        #expect(session.state != .up)
        #expect(broker.logCount("New client connected") == 0)
    }

    @Test func showsItsOwnCertificateToABrokerThatWantsOne() throws {
        let broker = try tlsBroker(
            for: "127.0.0.1", lines: ["cafile DIR/ca.pem", "require_certificate true"])
        defer { broker.stop() }
        var configuration = broker.session("certified", topics: ["t"])
        configuration.tls = TLSConfiguration(caFile: "\(broker.directory)/ca.pem")
        let without = try BrokerSession(configuration, nil)
        without.drive(ms: 700) { without.state == .up }
        #expect(without.state != .up)
        without.abandon()

        // Any certificate of the authority's making will do; the broker's own is at hand.
        configuration.tls?.certificateFile = "\(broker.directory)/server.pem"
        configuration.tls?.keyFile = "\(broker.directory)/server.key"
        let with = try BrokerSession(configuration, nil)
        #expect(with.drive { with.state == .up })
        with.disconnect()
    }

    private func tlsBroker(for name: String, days: Int = 2, lines: [String] = []) throws -> TestBroker {
        try TestBroker(lines: ["certfile DIR/server.pem", "keyfile DIR/server.key"] + lines) { directory in
            try TestBroker.makeCertificates(for: name, in: directory)
            if days != 2 { try renew("\(directory)/server", days: days) }
        }
    }

    /// Signs the request of `makeCertificates` once more, for another time.
    private func renew(_ server: String, days: Int) throws {
        let folder = URL(filePath: server).deletingLastPathComponent()
        let openssl = Process()
        openssl.executableURL = URL(filePath: "/usr/bin/env")
        openssl.arguments =
            ["openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "\(days)"]
            + ["-extfile", "san", "-out", "server.pem"]
        openssl.currentDirectoryURL = folder
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        try #require(openssl.terminationStatus == 0)
    }
}
