import Forwarding
import Testing

@Suite struct RetryScheduleTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var failures: Int
        var askedMs: Int64?
        var waitMs: ClosedRange<Int64>
    }

    @Test(arguments: [
        Case(testDescription: "after the first failure", failures: 1, waitMs: 500...1000),
        Case(testDescription: "twice as long after the second", failures: 2, waitMs: 1000...2000),
        Case(testDescription: "after the fifth", failures: 5, waitMs: 8000...16_000),
        Case(testDescription: "never longer than the bound", failures: 30, waitMs: 30_000...60_000),
        Case(testDescription: "no overflow", failures: .max, waitMs: 30_000...60_000),
        Case(testDescription: "as long as it asks", failures: 1, askedMs: 7_000, waitMs: 7_000...7_000),
        Case(testDescription: "at least its own wait", failures: 5, askedMs: 1, waitMs: 8000...16_000),
        Case(testDescription: "an hour at most", failures: 1, askedMs: .max, waitMs: 3_600_000...3_600_000),
    ])
    func waitsLongerAfterEachFailure(_ c: Case) {
        var schedule = RetrySchedule()
        schedule.boundsMs = 1000...60_000
        var randomness = SystemRandomNumberGenerator()
        for _ in 0..<100 {
            let wait = schedule.waitMs(afterFailures: c.failures, askedMs: c.askedMs, using: &randomness)
            #expect(c.waitMs.contains(wait), "\(wait)")
        }
    }

    @Test func destinationsDoNotComeBackInStep() {
        let schedule = RetrySchedule()
        var randomness = SystemRandomNumberGenerator()
        let waits = Set((0..<50).map { _ in schedule.waitMs(afterFailures: 8, using: &randomness) })
        #expect(waits.count > 10)
    }
}
