/// Trouble that comes again and again, as a log tells of it: one word when it begins, one once in a while that says how often it
/// has come since the last, and one when it is over.
///
/// ```
/// trouble   ×  × ×××  ×   × ××          ×  ×
/// told      └ begins      └ lasts: 6           └─── quiet ───┴ over: 9 times in all
/// ```
/// The caller's clock is always an argument.
public struct OngoingTrouble: Sendable {
    /// What is to be said of trouble that has just come.
    public enum Word: Sendable, Equatable {
        case begins
        /// It has come so often since the last word.
        case lasts(times: Int)
    }

    /// The shortest time between two words while it lasts.
    private let reminder: Duration
    private var since: ContinuousClock.Instant?
    private var toldAt: ContinuousClock.Instant?
    private var lastAt: ContinuousClock.Instant?
    private var (untold, total) = (0, 0)

    public init(reminder: Duration) { self.reminder = reminder }

    public var isOn: Bool { since != nil }

    /// Notes that it has come. Returns what is to be said of it now; nil: nothing.
    public mutating func comes(at now: ContinuousClock.Instant) -> Word? {
        lastAt = now
        total += 1
        guard let toldAt else {
            (since, self.toldAt) = (now, now)
            return .begins
        }
        untold += 1
        guard now - toldAt >= reminder else { return nil }
        defer { (self.toldAt, untold) = (now, 0) }
        return .lasts(times: untold)
    }

    /// Ends it, unless it has come within `quiet`. Returns how often it came, and since when; nil if it lasts, or was none.
    public mutating func ends(
        at now: ContinuousClock.Instant, after quiet: Duration = .zero
    ) -> (times: Int, lasted: Duration)? {
        guard let since, let lastAt, now - lastAt >= quiet else { return nil }
        defer { self = OngoingTrouble(reminder: reminder) }
        return (total, now - since)
    }
}
