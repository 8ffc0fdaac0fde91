/// The demo's clock: it begins in the past, runs fast until it has caught up, and goes on in real time.
///
/// A pure function of the real time, so that it can be read from any thread and tested without waiting.
public struct CityClock: Sendable, Equatable {
    /// Real time at which the clock was started, in milliseconds since the Unix epoch.
    public let startedAtMs: Int64
    /// What it showed then. Not after ``startedAtMs``.
    public let originMs: Int64
    /// City seconds in a real second, until the present is reached. Above 1.
    public let rate: Int64

    /// Begins `originMs` (a day ago, say), `rate` times as fast as real time.
    public init(startedAtMs: Int64, originMs: Int64, rate: Int64 = 300) {
        precondition(originMs <= startedAtMs, "the city's clock can't begin in the future")
        precondition(rate > 1, "a clock that doesn't run fast never catches up, rate was \(rate)")
        (self.startedAtMs, self.originMs, self.rate) = (startedAtMs, originMs, rate)
    }

    /// What the city's clock shows when the real one shows `realMs`. It never runs backwards if that doesn't.
    public func cityMs(atRealMs realMs: Int64) -> Int64 {
        guard realMs > startedAtMs else { return originMs }
        return min(originMs + (realMs - startedAtMs) * rate, realMs)
    }

    /// When the real clock reaches the moment at which the city's shows `cityMs`.
    public func realMs(atCityMs cityMs: Int64) -> Int64 {
        guard cityMs > originMs else { return startedAtMs }
        guard cityMs < caughtUpAtMs else { return cityMs }
        return startedAtMs + (cityMs - originMs + rate - 1) / rate
    }

    /// Real time at which the city has caught up: from a day ago at 300 times the speed, 289 seconds after the start.
    public var caughtUpAtMs: Int64 {
        startedAtMs + (startedAtMs - originMs + rate - 2) / (rate - 1)
    }
}
