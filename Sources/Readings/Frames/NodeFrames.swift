/// What became of an edge node's messages since a sensor behind it was last told: news for the sensor's record.
///
/// A node numbers its messages for all its devices together, so nobody can say whose a lost one was: each sensor's record
/// says how well its node is heard. Fixed-size and bitwise-copyable (32 bytes), so it crosses the ring.
public struct NodeFrames: Sendable, BitwiseCopyable, Equatable {
    /// When the daemon met the message, in milliseconds since the Unix epoch.
    public var arrivedAtMs: Int64
    public var sensor: SensorIndex
    public var received, duplicated, reordered, rejoins: Int32
    /// Less than zero where more came late than went missing.
    public var lost: Int32

    /// - Parameters:
    ///   - counts: the node's figures by now.
    ///   - before: those that the sensor's record has; nil for a sensor that is met for the first time, whose record begins
    ///     with this message.
    public init(sensor: SensorIndex, arrivedAtMs: Int64, counts: FrameCounts, before: FrameCounts?) {
        (self.sensor, self.arrivedAtMs) = (sensor, arrivedAtMs)
        guard let before else {
            (received, duplicated, reordered, rejoins, lost) = (1, 0, 0, 0, 0)
            return
        }
        received = Int32(clamping: counts.received - before.received)
        duplicated = Int32(clamping: counts.duplicated - before.duplicated)
        reordered = Int32(clamping: counts.reordered - before.reordered)
        rejoins = Int32(clamping: counts.rejoins - before.rejoins)
        lost = Int32(clamping: counts.lost - before.lost)
    }
}
