/// How long to wait before the next attempt to connect.
///
/// Doubles from the first wait to the longest, and only a session that lasted starts it over: libmosquitto by itself
/// made 15,000 connects in two seconds on a refused password. Each wait is drawn from the upper half of its bound, so
/// that many clients of one broker do not return in step.
public struct Backoff: Sendable, Equatable {
    /// Why the last attempt or session ended.
    public enum Ending: Sendable, Equatable {
        /// No connection, or one that broke.
        case lost
        /// The broker said no.
        case refused
        /// Another client took our session; contending with it would only make both useless.
        case takenOver
    }

    /// A session that lasted this long was a good one.
    public static let stableMs: Int64 = 10_000

    public let boundsMs: ClosedRange<Int>
    public let refusedMs: Int
    private var nextMs: Int

    public init(boundsMs: ClosedRange<Int>, refusedMs: Int) {
        precondition(boundsMs.lowerBound > 0 && refusedMs > 0, "waits must be positive")
        self.boundsMs = boundsMs
        self.refusedMs = refusedMs
        nextMs = boundsMs.lowerBound
    }

    /// Milliseconds to wait now.
    ///
    /// - Parameter lastedMs: how long the session that ended had been subscribed; 0 if it never was.
    public mutating func wait(
        after ending: Ending, lastedMs: Int64, using randomness: inout some RandomNumberGenerator
    ) -> Int {
        if lastedMs >= Self.stableMs { nextMs = boundsMs.lowerBound }
        let bound: Int
        switch ending {
        case .lost: bound = min(nextMs, boundsMs.upperBound)
        case .refused: bound = min(max(nextMs, refusedMs), max(boundsMs.upperBound, refusedMs))
        case .takenOver: bound = 2 * boundsMs.upperBound  // so that even the shortest draw is the longest wait
        }
        nextMs = min(2 * bound, max(boundsMs.upperBound, refusedMs))
        return Int.random(in: (bound + 1) / 2...bound, using: &randomness)
    }
}
