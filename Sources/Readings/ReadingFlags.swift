/// What was unusual about a reading. Stored with it; never renumber.
public struct ReadingFlags: OptionSet, Sendable, BitwiseCopyable, Hashable {
    public var rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Arrived behind its sensor's watermark: kept as history, never opens or closes a request.
    public static let late = ReadingFlags(rawValue: 1 << 0)
    /// Its event time lay too far ahead of its arrival and was replaced by it.
    public static let clockAhead = ReadingFlags(rawValue: 1 << 1)
    /// The sensor had sent another value for the same moment; that first one counts.
    public static let conflict = ReadingFlags(rawValue: 1 << 2)
    /// The payload had no time of its own: its event time is the arrival's.
    public static let arrivalTime = ReadingFlags(rawValue: 1 << 3)
    /// Its message had been in quarantine and was decoded again: history only, and no sign that its sensor speaks.
    public static let retried = ReadingFlags(rawValue: 1 << 4)
}
