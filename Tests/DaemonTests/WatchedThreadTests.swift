import Daemon
import Telemetry
import Testing

@Suite struct WatchedThreadTests {
    @Test func aThreadThatHasNotBegunOrRestsIsNotMissed() {
        let thread = WatchedThread(name: "store", pulse: ThreadPulse(), longestTurn: .zero)
        #expect(thread.stuckFor == nil)
        thread.pulse.beat()
        thread.pulse.rest()
        #expect(thread.stuckFor == nil)
        #expect(thread.check.isOK)
    }

    @Test func oneThatDoesNotComeRoundInItsTimeIsStuckUntilItDoes() {
        let pulse = ThreadPulse()
        pulse.beat()
        // Any age is more than this.
        let thread = WatchedThread(name: "pipeline", pulse: pulse, longestTurn: .milliseconds(-1))
        #expect(thread.stuckFor != nil)
        #expect(thread.check.name == "thread:pipeline")
        #expect(!thread.check.isOK)
        #expect(thread.check.detail == "stuck: has not gone round for 0 s; only a restart helps")
        let patient = WatchedThread(name: "pipeline", pulse: pulse, longestTurn: .seconds(3600))
        #expect(patient.stuckFor == nil)
        #expect(patient.check.detail == "goes round")
    }
}
