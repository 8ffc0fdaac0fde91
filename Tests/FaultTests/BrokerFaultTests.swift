import FaultSupport
import Foundation
import MQTTSession
import TestSupport
import Testing

/// What a broker does to us.
@Suite(.timeLimit(.minutes(2))) struct BrokerFaultTests {
    @Test func aBrokerThatRestartsLosesNothingAndGetsTheSessionBack() async throws {
        let site = try FaultSite()
        let daemon = try await site.start()
        let stream = FaultSite.stream(10_000)
        for part in 0..<4 {
            try site.publish(stream, part * 2500..<(part + 1) * 2500)
            site.broker.stop()
            try site.broker.restart()
        }
        try await site.stores(stream.count)
        try await site.expectExact(stream, stopping: daemon)
    }

    @Test func afterTheBrokerWasKilledTheDaemonSubscribesAnew() async throws {
        let site = try FaultSite()
        let daemon = try await site.start()
        let stream = FaultSite.stream(2000)
        try site.publish(stream, 0..<1000)
        try await site.stores(1000)
        // The broker forgets the session; what it held would be lost without the journal.
        site.broker.kill()
        try site.broker.restart()
        try await eventually("the session is back") { daemon.count(ofEvent: "mqtt.connected") == 2 }
        try site.publish(stream, 1000..<2000)
        try await site.stores(2000)
        try await site.expectExact(stream, stopping: daemon)
    }

    @Test func aRefusedPasswordIsTriedSlowlyAndNeverPrinted() async throws {
        let site = try FaultSite()
        let daemon = try site.launch(password: "not-the-password")
        try await daemon.event("mqtt.refused")
        try await site.health(503, saying: "refused")
        // Ten times the first wait of a lost connection: without a pause there would be thousands.
        try await Task.sleep(for: .seconds(2))
        #expect(site.proxy.connections <= 2)
        #expect(!daemon.output.contains("not-the-password"))
        try await site.end(daemon)
    }

    @Test func aClientIDThatAnotherTakesIsAnAlarmAndNoContest() async throws {
        let site = try FaultSite()
        try site.configure(mqtt: [])
        let daemon = try await site.start()
        // Each time the daemon is back, somebody else takes its name.
        for round in 1...5 {
            try await eventually("session \(round)") { daemon.count(ofEvent: "mqtt.connected") >= round }
            let other = try MQTTPublisher(
                site.session(clientID: "sluice"), wallMs: { 0 }, logger: site.quiet)
            try other.connect()
            other.close()
        }
        try await daemon.event("mqtt.taken_over")
        let health = try await site.health(503)
        #expect(health.text.contains("client_id"))
        let connections = site.proxy.connections
        // That it does not come back at once has no event.
        try await Task.sleep(for: .seconds(3))
        #expect(site.proxy.connections == connections, "\(daemon.output)")
        try await site.end(daemon)
    }

    @Test func aRefusedSubscriptionIsAnAlarmAndNotReady() async throws {
        let site = try FaultSite()
        // The proxy refuses the last filter: here the readings', not one that the daemon can do without.
        try site.configure(extra: "operations: {canary: 0s, watch_broker: false}")
        site.proxy.refuseSubscriptions(true)
        let daemon = try site.launch()
        try await daemon.event("mqtt.subscription_refused")
        try await daemon.event("daemon.ready")
        let health = try await site.health(503)
        #expect(health.text.contains("subscribe"), "\(health.text)")
        try await site.end(daemon)
    }

    @Test func retainedReadingsAreNoNewsAndAreNotStoredAtEachReconnect() async throws {
        let site = try FaultSite()
        let retained = (0..<300).map { ("sluice/bin-fill/old-\($0)", #"{"ts":1777600000,"value":1}"#) }
        try site.publish(retained, retain: true)
        let daemon = try await site.start()
        for round in 1...3 {
            site.proxy.cut(.reset)
            try await eventually("session \(round + 1)") { daemon.count(ofEvent: "mqtt.connected") >= round + 1 }
        }
        let stream = FaultSite.stream(100)
        try site.publish(stream, 0..<100)
        try await site.stores(100)
        try await site.expectExact(stream, stopping: daemon)
    }
}
