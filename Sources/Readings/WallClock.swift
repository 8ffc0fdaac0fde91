/// The daemon's clock, passed in by whoever composes the daemon: the system's, a city's that runs faster, a test's.
public struct WallClock: Sendable {
    /// Milliseconds since the Unix epoch.
    public let nowMs: @Sendable () -> Int64

    public init(nowMs: @escaping @Sendable () -> Int64) { self.nowMs = nowMs }
}
