/// How well a sensor is heard: what its frame counters and its radio have said, ever and of late.
public struct SensorLink: Sendable, BitwiseCopyable, Equatable {
    public var sensor: SensorIndex
    /// When its last frame arrived, by the daemon's clock, in milliseconds since the Unix epoch.
    public var atMs: Int64
    /// What its counter has said so far.
    public var history = FrameHistory()
    public var counts = FrameCounts()
    /// Frames of late that came and that did not: halved whenever they are more than ``late`` together.
    public var recentlyReceived: Int64 = 0
    public var recentlyLost: Int64 = 0
    /// Signal strength of the last frame at the first gateway that heard it, dBm; NaN where unknown.
    public var rssiDBm = Float.nan
    /// Signal to noise ratio of it, dB; NaN where unknown.
    public var snrDB = Float.nan

    public init(sensor: SensorIndex, atMs: Int64 = 0) { (self.sensor, self.atMs) = (sensor, atMs) }

    /// What is older counts half as much, again and again, so that the share of losses is that of late.
    public static let late: Int64 = 1000

    /// The share of late of frames that were lost, 0 to 1; nil with fewer than 20, which tell nothing.
    public var lossShare: Double? {
        let sent = recentlyReceived + recentlyLost
        return sent < 20 ? nil : Double(recentlyLost) / Double(sent)
    }

    /// Adds what a frame's counter says.
    public mutating func count(_ finding: FrameHistory.Finding) {
        let before = counts
        counts.count(finding)
        countRecently(received: counts.received - before.received, lost: counts.lost - before.lost)
    }

    private mutating func countRecently(received: Int64, lost: Int64) {
        if recentlyReceived + recentlyLost > Self.late {
            (recentlyReceived, recentlyLost) = (recentlyReceived / 2, recentlyLost / 2)
        }
        recentlyReceived += received
        recentlyLost = max(0, recentlyLost + lost)
    }

    /// Adds what became of its edge node's messages.
    public mutating func add(_ frames: NodeFrames) {
        counts.received += Int64(frames.received)
        // What came late may have been lost before this record began.
        counts.lost = max(0, counts.lost + Int64(frames.lost))
        counts.duplicated += Int64(frames.duplicated)
        counts.reordered += Int64(frames.reordered)
        counts.rejoins += Int64(frames.rejoins)
        countRecently(received: Int64(frames.received), lost: Int64(frames.lost))
        atMs = max(atMs, frames.arrivedAtMs)
    }

    /// Takes what a frame says beside its counter.
    public mutating func hear(_ frame: SensorFrame) {
        atMs = max(atMs, frame.arrivedAtMs)
        if !frame.rssiDBm.isNaN { rssiDBm = frame.rssiDBm }
        if !frame.snrDB.isNaN { snrDB = frame.snrDB }
    }

    /// NaN equals NaN here: "unknown" is one value.
    public static func == (a: SensorLink, b: SensorLink) -> Bool {
        a.sensor == b.sensor && a.atMs == b.atMs && a.history == b.history && a.counts == b.counts
            && a.recentlyReceived == b.recentlyReceived && a.recentlyLost == b.recentlyLost
            && a.rssiDBm.bitPattern == b.rssiDBm.bitPattern && a.snrDB.bitPattern == b.snrDB.bitPattern
    }
}
