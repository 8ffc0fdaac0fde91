
import Foundation
import MQTTIngest
import TestSupport
import Testing
@Suite struct ZMeasure {
    @Test func back() throws {
        let bench = try FollowerBench("", stored: nil)
        let whole = try JournalFile()
        let start = 32
        // distinct payloads, 1.1M records: written in one go
        _ = start
        for number in 0..<1_100_000 { try bench.journal.append(topic: "sluice/bin-fill/s", payload: "{\"value\":98,\"counter\":\(number),\"time\":\"2026-11-22T01:02:03Z\",\"x\":1}"); if number % 400_000 == 399_999 { try bench.journal.beginSegment() } }
        bench.follower.sessionBegins()
        while bench.follower.replayRest(atMs: 0) { for _ in 0..<1000 { bench.follower.step() }; _ = bench.taken() }
        print("MEASURE replayed", bench.follower.tally.replayed, "forgotten", bench.follower.tally.forgotten)
        func rss() -> String { (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8))?.split(separator: "\n").filter { $0.hasPrefix("VmRSS") || $0.hasPrefix("VmHWM") }.joined(separator: " ") ?? "" }
        let before = rss()
        for _ in 0..<3 {
            let clock = ContinuousClock()
            bench.deliver("_")
            try FollowerBench.append("q", to: bench.journal); bench.deliver("q")
            print("MEASURE", clock.measure { bench.follower.sessionBegins() }, before, rss())
        }
        print("MEASURE again", ContinuousClock().measure { bench.follower.sessionBegins() })
        withExtendedLifetime(whole) {}
    }
}
