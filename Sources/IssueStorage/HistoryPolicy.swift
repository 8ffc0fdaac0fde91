/// How long readings are kept, and how finely. Keys `history.…`.
///
/// A reading's age is counted from its event time to the newest arrival in the stream, not to this machine's clock.
/// Raw readings become minutes, those hours, those days; the bounds move once a (UTC) day.
public struct HistoryPolicy: Sendable, Equatable {
    /// How long the stream's log is kept for replay, by arrival. Key `history.log`. What recovery needs stays longer.
    public var keepLog = Duration.seconds(48 * 3600)
    /// Every reading, to the bit. Key `history.raw`.
    public var keepRaw = Duration.seconds(30 * 86_400)
    /// Count, least, greatest and mean of each minute. Key `history.minutes`.
    public var keepMinutes = Duration.seconds(90 * 86_400)
    /// The same of each hour. Key `history.hours`.
    public var keepHours = Duration.seconds(2 * 365 * 86_400)
    /// The same of each UTC day. Key `history.days`. Zero keeps them for ever.
    public var keepDays = Duration.seconds(10 * 365 * 86_400)

    public init() {}

    /// Every problem, each starting with its key below `history`.
    public func problems() -> [String] {
        var found: [String] = []
        if keepLog < .seconds(3600) { found.append("log: must be at least 1h, found \(keepLog)") }
        if keepRaw < .seconds(86_400) { found.append("raw: must be at least 1d, found \(keepRaw)") }
        let ladder = [("minutes", keepMinutes, "raw", keepRaw), ("hours", keepHours, "minutes", keepMinutes)]
        for (key, kept, finer, finerKept) in ladder where kept < finerKept {
            found.append(
                "\(key): must be no shorter than history.\(finer), which is \(finerKept), found \(kept)")
        }
        if keepDays != .zero, keepDays < keepHours {
            found.append("days: must be 0 (for ever) or no shorter than history.hours, found \(keepDays)")
        }
        return found
    }
}
