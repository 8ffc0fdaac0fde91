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
        if keepLog < .seconds(3600) { found.append("log: must be at least 1h, found \(Self.words(keepLog))") }
        if keepRaw < .seconds(86_400) { found.append("raw: must be at least 1d, found \(Self.words(keepRaw))") }
        let ladder = [("minutes", keepMinutes, "raw", keepRaw), ("hours", keepHours, "minutes", keepMinutes)]
        for (key, kept, finer, finerKept) in ladder where kept < finerKept {
            found.append(
                "\(key): must be no shorter than history.\(finer), which is \(Self.words(finerKept)), found \(Self.words(kept))"
            )
        }
        if keepDays != .zero, keepDays < keepHours {
            found.append(
                "days: must be 0 (for ever) or no shorter than history.hours, which is \(Self.words(keepHours)), "
                    + "found \(Self.words(keepDays))")
        }
        return found
    }

    /// As configuration writes it: `90d`, `36h`, `90s`.
    private static func words(_ kept: Duration) -> String {
        let seconds = kept.components.seconds
        for (unit, length) in [("d", 86_400), ("h", 3600), ("m", 60)] as [(String, Int64)]
        where seconds >= length && seconds.isMultiple(of: length) {
            return "\(seconds / length)\(unit)"
        }
        return "\(seconds)s"
    }
}
