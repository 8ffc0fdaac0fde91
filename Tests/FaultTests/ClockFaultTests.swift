import FaultSupport
import Foundation
import TestSupport
import Testing

/// What the system's clock does to us. libfaketime moves it (Debian: libfaketime).
@Suite(.timeLimit(.minutes(2))) struct ClockFaultTests {
    static let library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"

    struct Step: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var offset: String
    }

    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: library), "libfaketime is not installed"),
        arguments: [
            Step(testDescription: "an hour ahead", offset: "+1h"),
            Step(testDescription: "an hour back", offset: "-1h"),
            Step(testDescription: "thirty days ahead", offset: "+30d"),
        ])
    func aClockThatJumpsLosesNothingFilesNothingAndBreaksNoConnection(_ step: Step) async throws {
        let site = try FaultSite()
        let clock = "\(site.folder)/clock"
        try "+0".write(toFile: clock, atomically: true, encoding: .utf8)
        // Old enough to be old on the other clock, too.
        let stream = FaultSite.stream(2000, before: .seconds(7200))
        // Each is expected to speak every five minutes: after a quarter of an hour unheard it is silent.
        let registry = "\(site.folder)/sensors.csv"
        try stream.registry(stepSeconds: 300).write(toFile: registry, atomically: true, encoding: .utf8)
        // Thirty days make all that came before old: it would be folded into history, and the log is what is counted here.
        try site.configure(
            extra: "sensors: {file: \(registry)}\nhistory: {log: 90d, raw: 365d, minutes: 365d}")
        let daemon = try await site.start(
            environment: [
                "LD_PRELOAD": Self.library, "FAKETIME_TIMESTAMP_FILE": clock, "FAKETIME_NO_CACHE": "1",
                // Timers run on the monotonic clock, which no step moves.
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                    // The library moves the environment when it is loaded first, and Swift would look for its arguments beside it.
            ], wrapper: ["/usr/bin/env"])
        // Before that nobody's silence counts.
        try await eventually("the daemon has caught up") { daemon.count(ofEvent: "mqtt.caught_up") == 1 }
        try site.publish(stream, 0..<1000)
        try await site.stores(1000)
        try await eventually("the stream knows the old time") { try site.stored().lastTickMs() != nil }
        let requests = try site.stored().requests()
        try step.offset.write(toFile: clock, atomically: true, encoding: .utf8)
        // It has happened when the daemon tells the new time.
        let stepMs = Double(Date.now.timeIntervalSince1970) * 1000
        try await eventually("the daemon's clock has jumped") {
            abs(Double(try await site.health().nowMs) - stepMs) > 1_800_000
        }
        // Nobody speaks until the stream has been told the new time, so that silence is judged by it.
        try await eventually("the stream knows the new time") {
            try site.stored().lastTickMs().map { abs(Double($0) - stepMs) > 1_800_000 } == true
        }
        try site.publish(stream, 1000..<2000)
        try await site.stores(2000)
        #expect(site.proxy.connections == 1)
        #expect(daemon.count(ofEvent: "mqtt.disconnected") == 0)
        try await site.end(daemon)
        let audit = try StreamAudit(of: stream, in: site.stored())
        #expect(audit == .exact(stream), "\(step)")
        // The step is nobody's silence.
        let new = try site.stored().requests().dropFirst(requests.count)
        #expect(new.allSatisfy { $0.rule != "silence" && $0.rule != "gateway-silence" })
    }
}
