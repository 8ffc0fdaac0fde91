import Daemon
import MQTTSession
import Telemetry
import Testing

@Suite struct CanaryHealthTests {
    private func status(_ change: (inout ConnectionStatus) -> Void) -> ConnectionStatus {
        var status = ConnectionStatus(phase: .connected, sinceMs: 0)
        change(&status)
        return status
    }

    @Test func nothingIsSaidBeforeTheFirstIsDue() {
        #expect(DaemonHealth.canaryChecks(broker: "a", status { _ in }).isEmpty)
    }

    @Test func oneThatCameBackIsWell() {
        let checks = DaemonHealth.canaryChecks(broker: "a", status { $0.canaryMs = 12 })
        #expect(checks.map(\.name) == ["canary:a"])
        #expect(checks.first?.isOK == true)
        #expect(checks.first?.detail == "came back through the broker and the store in 12 ms")
    }

    @Test(arguments: [(false, "messages may not reach us"), (true, "the broker refuses it")])
    func oneThatStaysAwayMakesTheDaemonUnready(isRefused: Bool, sentence: String) throws {
        let checks = DaemonHealth.canaryChecks(
            broker: "a",
            status {
                ($0.canaryMs, $0.canaryOverdueMs, $0.isCanaryRefused) = (12, 31_000, isRefused)
            })
        #expect(!HealthReport(checks: checks).isReady)
        let detail = try #require(checks.first?.detail)
        #expect(detail.contains("31 s ago") && detail.contains(sentence), "\(detail)")
    }

    @Test(arguments: [(4_000, 5, true), (6_000, 5, false), (6_000, 10, true)])
    func lagHasItsBound(waitedMs: Int64, boundS: Int64, isOK: Bool) {
        let check = DaemonHealth.check(
            broker: "a", status { $0.oldestUncommittedMs = waitedMs }, lagMax: .seconds(boundS))
        #expect(check.isOK == isOK)
    }
}
