/// Readings of one sensor whose times are odd in one way, counted between two reports: each of them is stored with its flag,
/// and one line a minute tells of them.
struct OddTimes: Sendable {
    /// How often at most they are reported, by arrival.
    static let reportEveryMs: Int64 = 60_000

    private var count: Int32 = 0
    private var reportedAtMs = Int64.min
    private var farthestMs: Int64 = 0

    struct Report: Equatable {
        var count: Int
        /// The most that one of them was off by.
        var farthestMs: Int64
    }

    /// Notes one that is off by `offMs`. Returns what to report of it and those before, when it is time to: at the first,
    /// then once a minute while it goes on.
    mutating func note(offMs: Int64, atMs: Int64) -> Report? {
        count &+= 1
        farthestMs = max(farthestMs, offMs)
        guard reportedAtMs == .min || atMs >= reportedAtMs + Self.reportEveryMs || atMs < reportedAtMs else {
            return nil
        }
        defer { (count, farthestMs, reportedAtMs) = (0, 0, atMs) }
        return Report(count: Int(count), farthestMs: farthestMs)
    }
}
