import FaultSupport
import Foundation
import TestSupport
import Testing

/// What happens between daemon and broker.
@Suite(.timeLimit(.minutes(2))) struct NetworkFaultTests {
    @Test func aBrokerThatIsDownAtStartIsWaitedForAndTheDaemonIsThere() async throws {
        let site = try FaultSite()
        site.proxy.refuse(true)
        let daemon = try site.launch()
        try await daemon.event("daemon.ready")
        try await daemon.event("mqtt.connect_failed")
        try await site.health(503, saying: "backoff")
        site.proxy.refuse(false)
        try await daemon.becomeReady(within: .seconds(10))
        try await site.health(200, saying: "connected")
        let stream = FaultSite.stream(100)
        try site.publish(stream, 0..<100)
        try await site.stores(100)
        try await site.expectExact(stream, stopping: daemon)
    }

    @Test(arguments: [Cut.reset, .finish])
    func aConnectionThatIsCutAgainAndAgainLosesAndRepeatsNothing(_ how: Cut) async throws {
        let site = try FaultSite()
        let daemon = try await site.start()
        let stream = FaultSite.stream(20_000)
        for part in 0..<10 {
            try site.publish(stream, part * 2000..<(part + 1) * 2000)
            // In the midst of what it delivers; the next round finds the session wherever it is by then.
            site.proxy.cut(how)
        }
        try await site.stores(stream.count)
        #expect(site.proxy.connections > 1)
        try await site.expectExact(stream, stopping: daemon)
    }

    @Test func aHalfOpenConnectionIsFoundWithinTwoKeepalives() async throws {
        let site = try FaultSite()
        let daemon = try await site.start()
        let stream = FaultSite.stream(1000)
        try site.publish(stream, 0..<500)
        try await site.stores(500)
        let began = ContinuousClock.now
        site.proxy.goHalfOpen()
        try site.publish(stream, 500..<1000)
        // Two keepalives of 5 s, and the second in which the next attempt falls.
        try await site.stores(1000, within: .seconds(12))
        #expect(.now - began > .seconds(1), "the connection was not dead")
        #expect(site.proxy.connections == 2)
        #expect(daemon.count(ofEvent: "mqtt.disconnected") == 1)
        try await site.expectExact(stream, stopping: daemon)
    }

    struct Line: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var toBroker = Flow.pass, toClient = Flow.pass
    }

    @Test(arguments: [
        Line(
            testDescription: "both directions 150 ms late", toBroker: .delay(.milliseconds(150)),
            toClient: .delay(.milliseconds(150))),
        Line(
            testDescription: "messages in drops of 700 bytes", toClient: .dribble(bytes: 700, every: .milliseconds(10))),
        Line(
            testDescription: "acknowledgements in drops of 3 bytes",
            toBroker: .dribble(bytes: 3, every: .milliseconds(1))),
    ])
    func aSlowLineLosesAndRepeatsNothing(_ line: Line) async throws {
        let site = try FaultSite()
        let daemon = try await site.start()
        site.proxy.set(toBroker: line.toBroker, toClient: line.toClient)
        let stream = FaultSite.stream(1000)
        try site.publish(stream, 0..<1000)
        try await site.stores(1000)
        #expect(site.proxy.connections == 1, "\(daemon.output)")
        site.proxy.set()
        try await site.expectExact(stream, stopping: daemon)
    }

    @Test func aBrokerThatTakesNoAcknowledgementsIsLeftAndNothingIsLost() async throws {
        let site = try FaultSite()
        let daemon = try await site.start()
        let stream = FaultSite.stream(5000)
        site.proxy.set(toBroker: .stop)
        try site.publish(stream, 0..<5000)
        try await daemon.event("mqtt.disconnected", within: .seconds(15))
        site.proxy.set()
        try await site.stores(5000)
        try await site.expectExact(stream, stopping: daemon)
    }

    @Test func anUnknownHostIsSaidAndHTTPAnswersMeanwhile() async throws {
        let site = try FaultSite()
        try site.configure(host: "broker.invalid")
        let daemon = try site.launch()
        try await daemon.event("mqtt.connect_failed", within: .seconds(40))
        let began = ContinuousClock.now
        let health = try await site.health(503)
        #expect(.now - began < .seconds(2))
        #expect(health.text.contains("broker.invalid"))
        try await site.end(daemon, within: .seconds(20))
    }
}
