/// A run of failing commits: since when, why, and how long to wait before the next try.
struct Stall {
    private static let firstDelay = Duration.milliseconds(50)
    private static let longestDelay = Duration.seconds(5)

    private(set) var since: ContinuousClock.Instant?
    private(set) var reason: String?
    private var delay = firstDelay

    var isStalled: Bool { since != nil }

    /// Notes a failure. Returns whether it is news: the first, or for another reason than the last.
    mutating func begin(reason: String, at now: ContinuousClock.Instant) -> Bool {
        let isNews = since == nil || self.reason != reason
        since = since ?? now
        self.reason = reason
        return isNews
    }

    /// Notes a success. Returns how long the stall was, or nil if there was none.
    mutating func end(at now: ContinuousClock.Instant) -> Duration? {
        // The delay grows also where a connection was opened anew and no commit had failed.
        defer { self = Stall() }
        return since.map { now - $0 }
    }

    /// 50 ms, then twice as long each time, up to 5 s.
    mutating func nextDelay() -> Duration {
        defer { delay = min(delay * 2, Self.longestDelay) }
        return delay
    }
}

extension Duration {
    /// Whole nanoseconds; up to 292 years.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000
    }
}
