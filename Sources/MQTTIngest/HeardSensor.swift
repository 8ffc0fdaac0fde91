internal import Readings

/// The frames of one sensor: what its counter says, and what has not been reported of that.
struct HeardSensor {
    var history = FrameHistory()
    private(set) var link: SensorLink
    private var reportedAtMs: Int64 = 0

    /// What is not worth a report of its own is reported after this long.
    static let longestMs: Int64 = 600_000

    init(_ sensor: Int) { link = SensorLink(sensor: SensorIndex(rawValue: UInt32(sensor)), atMs: 0) }

    /// Adds a frame. Returns whether to report now.
    mutating func count(_ finding: FrameHistory.Finding, _ frame: FrameInfo, arrivedAtMs: Int64) -> Bool {
        let isNews = link.count(finding)
        link.atMs = arrivedAtMs
        if !frame.rssiDBm.isNaN { link.rssiDBm = frame.rssiDBm }
        if !frame.snrDB.isNaN { link.snrDB = frame.snrDB }
        return isNews || arrivedAtMs - reportedAtMs >= Self.longestMs || arrivedAtMs < reportedAtMs
    }

    mutating func reported() {
        reportedAtMs = link.atMs
        link = SensorLink(sensor: link.sensor, atMs: link.atMs)
    }
}
