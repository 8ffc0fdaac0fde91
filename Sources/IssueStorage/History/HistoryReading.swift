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

    /// Whether `other` says the same again: a redelivery that came too late to be known as one.
    ///
    /// Being late makes no difference: a repetition always is. What was taken at its arrival time may be another moment's.
    func isRepeated(by other: HistoryReading) -> Bool {
        atMs == other.atMs && value == other.value && flags.subtracting(.late) == other.flags.subtracting(.late)
            && !flags.contains(.clockAhead)
    }
}
