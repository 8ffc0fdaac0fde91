/// The daemon's clock, passed in by whoever composes the daemon: the system's, a city's that runs faster, a test's.
public struct WallClock: Sendable {
    /// Milliseconds since the Unix epoch.
    public let nowMs: @Sendable () -> Int64
    /// How many of its milliseconds pass in one of the machine's, at most.
    public let rate: Int

    public init(rate: Int = 1, nowMs: @escaping @Sendable () -> Int64) { (self.rate, self.nowMs) = (rate, nowMs) }
}
