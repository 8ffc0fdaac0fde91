internal import Detection
internal import Readings

/// One sensor's state on the pipeline thread.
struct SensorLane: Sendable {
    /// The newest event time seen. What is older is late.
    var watermarkMs = Int64.min
    var recent = RecentReadings()
    var monitor: SensorMonitor
}
