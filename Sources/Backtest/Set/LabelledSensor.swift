public import Readings

/// One sensor of a labelled set: what the registry knows of it, and which stretch of its readings is judged.
public struct LabelledSensor: Sendable, Equatable {
    public var sensor: Sensor
    /// What is scored together: `water-dma`, `traffic-freeway`, `bin` …
    public var group: String
    /// Event times, both included. Nothing before the first is scored: detectors are still warming up.
    public var evaluateFromMs: Int64
    public var evaluateToMs: Int64
    /// The sensor's series in the Numenta Anomaly Benchmark, if it is one: `realTraffic/speed_6005.csv`.
    public var nabFile: String?

    public init(
        sensor: Sensor, group: String, evaluateFromMs: Int64, evaluateToMs: Int64, nabFile: String? = nil
    ) {
        self.sensor = sensor
        self.group = group
        self.evaluateFromMs = evaluateFromMs
        self.evaluateToMs = evaluateToMs
        self.nabFile = nabFile
    }

    /// What a time difference below one step means nothing to, ms. A sensor that names no step has a quarter of an hour.
    var stepMs: Int64 { Int64(sensor.expectedIntervalS ?? 900) * 1000 }
}
