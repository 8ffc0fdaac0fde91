/// What one sensor sent beyond its quota since that was last reported: not stored, but not dropped in silence.
struct ShedReadings: Sendable {
    /// How often at most it is reported, by arrival.
    static let reportEveryMs: Int64 = 60_000

    private(set) var count = 0
    private var least = Double.infinity
    private var greatest = -Double.infinity
    private var reportedAtMs = Int64.min

    struct Report {
        var count: Int
        var sentence: String
    }

    /// Notes one. Returns the sentence that reports it and those before, when it is time to: at the first, then once a
    /// minute while it goes on.
    mutating func note(_ value: Double, atMs: Int64) -> Report? {
        count += 1
        least = min(least, value)
        greatest = max(greatest, value)
        return end(atMs: atMs)
    }

    /// The sentence that reports what has not been reported yet, when it is time to.
    mutating func end(atMs: Int64) -> Report? {
        let isDue = reportedAtMs == .min || atMs >= reportedAtMs + Self.reportEveryMs || atMs < reportedAtMs
        guard count > 0, isDue else { return nil }
        let sentence =
            count == 1
            ? "it sends more than its quota; what is above it is not stored"
            : "\(count) readings above its quota were not stored, values \(least) to \(greatest)"
        let report = Report(count: count, sentence: sentence)
        self = ShedReadings()
        reportedAtMs = atMs
        return report
    }
}
