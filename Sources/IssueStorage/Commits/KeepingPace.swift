/// When the store thread may do a step of background work: whenever nothing waits, and now and then when it is busy.
package struct KeepingPace {
    /// Under load one step comes after so many commits.
    private static let commitsPerStep = 8
    private static let lookInterval = Duration.milliseconds(250)
    private static let afterFailure = Duration.seconds(5)

    /// The last step found something to do.
    private var hasWork = true
    /// There were commits since the last look that found nothing. Time is the log's, so without commits nothing changes.
    private var hasNews = true
    private var nextLook: ContinuousClock.Instant?
    private var commits = 0

    package init() {}

    package mutating func committed() {
        hasNews = true
        commits += 1
    }

    package mutating func stepped(found: Bool, at now: ContinuousClock.Instant) {
        commits = 0
        hasWork = found
        nextLook = nil
        guard !found else { return }
        hasNews = false
        nextLook = now + Self.lookInterval
    }

    package mutating func failed(at now: ContinuousClock.Instant) {
        commits = 0
        (hasWork, hasNews, nextLook) = (false, true, now + Self.afterFailure)
    }

    package func isDueWhenIdle(at now: ContinuousClock.Instant) -> Bool {
        hasWork || hasNews && nextLook.map { now >= $0 } ?? true
    }

    /// - Parameter isBehind: then after every commit.
    package func isDueWhenBusy(at now: ContinuousClock.Instant, isBehind: Bool) -> Bool {
        (isBehind || commits >= Self.commitsPerStep) && isDueWhenIdle(at: now)
    }

    /// How long an idle thread may sleep, in milliseconds.
    package func sleepMs(at now: ContinuousClock.Instant) -> Int32 {
        guard hasNews, let nextLook else { return 1000 }
        return Int32(clamping: min(1000, max(1, (nextLook - now).nanoseconds / 1_000_000 + 1)))
    }
}
