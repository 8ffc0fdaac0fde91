/// How long to wait before the next attempt: twice as long after each failure, up to a bound, and never in step with others.
public struct RetrySchedule: Sendable, Equatable {
    /// First and longest wait. Keys `forwarding.retry_min`, `forwarding.retry_max`.
    public var boundsMs: ClosedRange<Int64> = 1_000...300_000
    /// The longest wait that a destination may ask for (`Retry-After`).
    public static let mostAskedMs: Int64 = 3_600_000

    public init() {}

    /// Milliseconds to wait after so many failures in a row, drawn from the upper half of what is due.
    ///
    /// - Parameters:
    ///   - failures: 1 after the first.
    ///   - askedMs: what the destination asked for; waited at least, within ``mostAskedMs``.
    package func waitMs(
        afterFailures failures: Int, askedMs: Int64? = nil, using randomness: inout some RandomNumberGenerator
    ) -> Int64 {
        let doublings = min(max(0, failures - 1), 40)
        let bound = min(boundsMs.lowerBound << Int64(doublings), boundsMs.upperBound)
        let drawn = Int64.random(in: (max(bound, 1) + 1) / 2...max(bound, 1), using: &randomness)
        return max(drawn, min(askedMs ?? 0, Self.mostAskedMs))
    }
}
