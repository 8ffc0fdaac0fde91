import FaultSupport
import Foundation
import TestSupport
import Testing

/// What happens to the process itself. Kills at the worst moments are the crash test's: `Tests/CrashTest`.
@Suite(.timeLimit(.minutes(2))) struct ProcessFaultTests {
    @Test func aStopInMidBatchEndsSoonAndLosesAndRepeatsNothing() async throws {
        let site = try FaultSite()
        let stream = FaultSite.stream(30_000)
        var daemon = try await site.start()
        for part in 0..<3 {
            try site.publish(stream, part * 10_000..<(part + 1) * 10_000)
            // The broker is in the midst of delivering them.
            let began = ContinuousClock.now
            try await site.end(daemon, within: .seconds(5))
            #expect(.now - began < .seconds(5))
            daemon = try await site.start()
        }
        try await site.stores(stream.count)
        try await site.expectExact(stream, stopping: daemon)
    }

    @Test func aProcessThatStoodStillGoesOnWhereItWas() async throws {
        let site = try FaultSite()
        let daemon = try await site.start()
        let stream = FaultSite.stream(20_000)
        try site.publish(stream, 0..<10_000)
        daemon.send(SIGSTOP)
        try site.publish(stream, 10_000..<20_000)
        // One and a half keepalives, after which the broker lets go of us, and some.
        try await eventually("the broker gives it up", within: .seconds(15)) {
            site.broker.logCount("sluice has exceeded timeout") > 0
        }
        daemon.send(SIGCONT)
        try await site.stores(20_000)
        try await site.expectExact(stream, stopping: daemon)
    }

    @Test(.enabled(if: SystemCallFault.isPossible, "strace may not trace here"))
    func aStartThatTakesLongSaysWhatItDoes() async throws {
        let site = try FaultSite()
        let stream = FaultSite.stream(2000)
        let first = try await site.start()
        try site.publish(stream, 0..<2000)
        try await site.stores(2000)
        try await site.end(first)
        // A start reads some hundred pages.
        let slow = try site.launch(wrapper: SystemCallFault.wrapper("pread64", "delay_enter=30000"))
        try await slow.becomeReady()
        let lines = slow.output.split(separator: "\n")
        let told = try #require(lines.firstIndex { $0.contains("recovery.progress") })
        #expect(lines[told].contains("\"stage\""))
        #expect(told < (lines.firstIndex { $0.contains("daemon.ready") } ?? 0))
        slow.send(SIGKILL)
        _ = try await slow.exitCode()
    }

    @Test func twoKillsInARowWhileTheStateIsBeingRecoveredChangeNothing() async throws {
        let site = try FaultSite()
        let stream = FaultSite.stream(20_000)
        let first = try await site.start()
        try site.publish(stream, 0..<20_000)
        try await site.stores(5000)
        first.send(SIGKILL)
        _ = try await first.exitCode()
        for _ in 0..<5 {
            let next = try site.launch()
            try await next.event("daemon.starting")
            next.send(SIGKILL)
            _ = try await next.exitCode()
        }
        let last = try await site.start()
        try await site.stores(20_000)
        try await site.expectExact(stream, stopping: last)
    }

    @Test func withDurabilityCrashKillsLoseNothingAndTheLogSaysWhatAPowerCutWould() async throws {
        let site = try FaultSite()
        let lowered = ["SLUICE_DATA_DURABILITY": "crash"]
        let stream = FaultSite.stream(20_000)
        for part in 0..<4 {
            let daemon = try await site.start(environment: lowered)
            #expect(daemon.output.contains("store.durability_lowered"))
            let acknowledged = site.proxy.acknowledgements
            try site.publish(stream, part * 5000..<(part + 1) * 5000)
            try await eventually("some are acknowledged") { site.proxy.acknowledgements > acknowledged + 1000 }
            daemon.send(SIGKILL)
            _ = try await daemon.exitCode()
        }
        let last = try await site.start()
        #expect(!last.output.contains("store.durability_lowered"))
        try await site.stores(stream.count)
        try await site.expectExact(stream, stopping: last)
    }
}
