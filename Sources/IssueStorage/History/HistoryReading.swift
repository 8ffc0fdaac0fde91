public import Readings

/// A reading as history keeps it: event time, value and flags.
public struct HistoryReading: Sendable, BitwiseCopyable, Equatable {
    /// Event time, in milliseconds since the Unix epoch.
    public var atMs: Int64
    /// The measurement, in the unit of its quantity. Comes back to the bit.
    public var value: Double
    public var flags: ReadingFlags

    public init(atMs: Int64, value: Double, flags: ReadingFlags = []) {
        (self.atMs, self.value, self.flags) = (atMs, value, flags)
    }

    /// Flags of what came later than its time, which say nothing of the moment itself.
    private static let asAfterwards: ReadingFlags = [.late, .retried]

    /// Whether `other` says the same again: a redelivery that came too late to be known as one.
    ///
    /// Being late makes no difference: a repetition always is. What was taken at its arrival time may be another moment's.
    func isRepeated(by other: HistoryReading) -> Bool {
        atMs == other.atMs && value == other.value
            && flags.subtracting(Self.asAfterwards) == other.flags.subtracting(Self.asAfterwards)
            && !flags.contains(.clockAhead)
    }
}
