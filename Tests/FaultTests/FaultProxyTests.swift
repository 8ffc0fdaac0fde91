import FaultSupport
import Foundation
import MQTTSession
import TestSupport
import Testing

/// That the proxy does what the other tests rely on, with a daemon behind it.
@Suite(.timeLimit(.minutes(1))) struct FaultProxyTests {
    @Test func itActsAtTheVeryAcknowledgementThatItWasAskedFor() async throws {
        let site = try FaultSite()
        let daemon = try await site.start()
        let stream = FaultSite.stream(1000)
        let pid = daemon.processID
        site.proxy.atAcknowledgement(300, .delivered) { kill(pid, SIGKILL) }
        try site.publish(stream, 0..<1000)
        #expect(try await daemon.exitCode() == -SIGKILL)
        // What had left the daemon by then reaches the broker; it counts its own.
        try await eventually("the broker has read them") { site.broker.logCount("Received PUBACK from sluice") >= 300 }
        let again = try await site.start()
        try await site.stores(1000)
        try await site.expectExact(stream, stopping: again)
    }

    @Test func anAcknowledgementThatIsLostNeverReachesTheBroker() async throws {
        let site = try FaultSite()
        let daemon = try await site.start()
        let stream = FaultSite.stream(100)
        site.proxy.atAcknowledgement(1, .lost) {}
        try site.publish(stream, 0..<100)
        try await eventually("the session is back") { daemon.count(ofEvent: "mqtt.connected") == 2 }
        try await eventually("all are delivered again") { site.broker.logCount("Received PUBACK from sluice") >= 100 }
        #expect(site.proxy.deliveries > 100)
        try await site.expectExact(stream, stopping: daemon)
    }

    @Test func whatIsSwallowedArrivesNowhereAndNobodyIsTold() async throws {
        let site = try FaultSite()
        let daemon = try await site.start()
        site.proxy.set(toClient: .swallow)
        let stream = FaultSite.stream(100)
        try site.publish(stream, 0..<100)
        try await eventually("the broker has sent them") { site.proxy.deliveries == 100 }
        #expect(try site.stored().readingCount() == 0)
        #expect(site.proxy.openConnections == 1)
        site.proxy.set()
        site.proxy.cut(.finish)
        try await site.stores(100)
        try await site.expectExact(stream, stopping: daemon)
    }
}
