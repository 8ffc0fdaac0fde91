import FaultSupport
import Foundation
import TestSupport
import Testing

/// What people and machines on the HTTP side use up.
@Suite(.timeLimit(.minutes(2))) struct ResourceFaultTests {
    @Test func withoutFileDescriptorsReadingsAreStoredAndTheBrokerIsFoundAgain() async throws {
        let site = try FaultSite()
        let daemon = try await site.start(wrapper: ["/usr/bin/prlimit", "--nofile=96:96"])
        let own = try daemon.openDescriptors()
        // More callers than there are descriptors, and all of them stay: as many are let in as leave room for brokers.
        let callers = IdleCallers(port: site.port, count: 150)
        try await eventually("callers are in") { try daemon.openDescriptors() >= own + 25 }
        let stream = FaultSite.stream(2000)
        try site.publish(stream, 0..<1000)
        try await eventually("they are acknowledged") { site.proxy.acknowledgements >= 1000 }
        site.proxy.cut(.reset)
        try site.publish(stream, 1000..<2000)
        try await eventually("the session is back, and they are acknowledged") {
            site.proxy.acknowledgements >= 2000
        }
        callers.hangUp()
        try await site.health(200)
        try await site.expectExact(stream, stopping: daemon)
    }

    /// The kernel's OOM killer sends SIGKILL, which the crash test does; a limit makes an allocation fail.
    @Test func whereMemoryHasRunOutTheProcessSaysSoIsGoneSoonAndLosesNothing() async throws {
        let site = try FaultSite()
        let daemon = try await site.start()
        let stream = FaultSite.stream(60_000, sensors: 20_000)
        try site.publish(stream, 0..<1000)
        try await site.stores(1000)
        try daemon.allowNoMoreMemory()
        try site.publish(stream, 1000..<60_000)
        try await daemon.event("daemon.crashed", within: .seconds(60))
        let code = try await daemon.exitCode(within: .seconds(15))
        #expect(code < 0, "systemd starts it again")
        let next = try await site.start()
        try await site.stores(60_000)
        try await site.expectExact(stream, stopping: next)
    }

    @Test func callersWhoNeverFinishTheirRequestHoldUpNobody() async throws {
        let site = try FaultSite()
        let daemon = try await site.start()
        let callers = IdleCallers(port: site.port, count: 200, saying: "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        let stream = FaultSite.stream(5000)
        for part in 0..<5 {
            try site.publish(stream, part * 1000..<(part + 1) * 1000)
            callers.say("a")
        }
        try await site.stores(5000)
        let began = ContinuousClock.now
        try await site.health(200)
        #expect(.now - began < .seconds(2))
        callers.hangUp()
        try await site.expectExact(stream, stopping: daemon)
    }
}
