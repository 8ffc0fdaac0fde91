/// How well a sensor is heard: what its frame counters and its radio say, since the last such report.
///
/// Fixed-size and bitwise-copyable (32 bytes), so it crosses the ring.
public struct SensorLink: Sendable, BitwiseCopyable, Equatable {
    /// When its last frame arrived, by the daemon's clock, in milliseconds since the Unix epoch.
    public var atMs: Int64
    public var sensor: SensorIndex
    /// Frames that came.
    public var received: UInt32 = 0
    /// Frames that did not come, by the counter; less those that came late.
    public var lost: Int32 = 0
    /// Frames that came again.
    public var duplicated: UInt16 = 0
    /// Times that the counter began anew: the device was restarted, or joined its network again.
    public var restarts: UInt16 = 0
    /// Signal strength of the last frame at the first gateway that heard it, dBm; NaN where unknown.
    public var rssiDBm = Float.nan
    /// Signal to noise ratio of it, dB; NaN where unknown.
    public var snrDB = Float.nan

    public init(sensor: SensorIndex, atMs: Int64) { (self.sensor, self.atMs) = (sensor, atMs) }

    /// Adds what a frame says.
    ///
    /// - Returns: Whether that is worth reporting at once: anything but one frame after the other.
    public mutating func count(_ finding: FrameHistory.Finding) -> Bool {
        switch finding {
        case .duplicate:
            duplicated = duplicated &+ 1
            return true
        case .first: received += 1
        case .next(let missing):
            received += 1
            lost += Int32(clamping: missing)
            return missing > 0
        case .reordered:
            received += 1
            lost -= 1
        case .reset:
            received += 1
            restarts = restarts &+ 1
        case .rejoined(let missing):
            received += 1
            restarts = restarts &+ 1
            lost += Int32(clamping: missing)
        }
        return true
    }
}
