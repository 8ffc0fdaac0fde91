public import Readings

/// What the processor counted since it was made. Plain numbers; whoever runs the processor publishes them.
public struct StreamTallies: Sendable, Equatable {
    /// Readings that were new.
    public var readings = 0
    /// Readings that had been seen with the same value, and were dropped.
    public var duplicates = 0
    /// Readings of a moment that already had another value: stored, flagged, not judged.
    public var conflicts = 0
    /// Readings behind their sensor's watermark: stored, flagged, not judged.
    public var late = 0
    /// Readings beyond their sensor's quota: not stored.
    public var shed = 0
    /// Readings whose clock was too far ahead.
    public var clockAhead = 0

    /// Traffic intervals of which a part never came: no reading.
    public var incomplete = 0
    /// Radio frames by what their counters say.
    public var frames = FrameCounts()
    /// Radio frames that a broker delivered again.
    public var framesRedelivered: Int64 = 0

    public init() {}
}
