internal import TimeBase

/// What a detector holds to be usual over a stretch of time, and the band that nine of ten values lie in: the shade
/// behind the line of readings in an evidence chart.
///
/// In the unit of the quantity. It is what the detector knew when it was asked, and so belongs to the decision of that
/// moment: later it may have learned otherwise.
public struct Baseline: Sendable, Equatable {
    /// The most points: a chart shows no more, and evidence must stay small.
    public static let mostPoints = 200

    /// Event time of the first point, and from one to the next, ms.
    public var startMs: Int64
    public var stepMs: Int64
    public var levels: [Float] = []
    public var lows: [Float] = []
    public var highs: [Float] = []

    public init(startMs: Int64, stepMs: Int64) { (self.startMs, self.stepMs) = (startMs, stepMs) }

    public mutating func append(level: Double, low: Double, high: Double) {
        levels.append(Float(level))
        lows.append(Float(low))
        highs.append(Float(high))
    }

    /// One level all the time.
    static func constant(_ level: Double, low: Double, high: Double, fromMs: Int64, toMs: Int64) -> Baseline {
        var baseline = Baseline(startMs: fromMs, stepMs: max(1, toMs - fromMs))
        for _ in 0...1 { baseline.append(level: level, low: low, high: high) }
        return baseline
    }

    /// One point for each `slotMs` of the stretch, or for several where there would be too many.
    ///
    /// - Parameter point: level, low and high at an instant; nil leaves the whole baseline out.
    static func slots(
        _ slotMs: Int64, fromMs: Int64, toMs: Int64, _ point: (Int64) -> (level: Double, low: Double, high: Double)?
    ) -> Baseline? {
        guard toMs > fromMs else { return nil }
        let start = floorDivide(fromMs, slotMs) * slotMs
        let slots = (toMs - start) / slotMs + 1
        let every = (slots + Int64(mostPoints) - 1) / Int64(mostPoints)
        var baseline = Baseline(startMs: start, stepMs: every * slotMs)
        var atMs = start
        while atMs <= toMs {
            guard let point = point(atMs) else { return nil }
            baseline.append(level: point.level, low: point.low, high: point.high)
            atMs += baseline.stepMs
        }
        return baseline
    }
}

extension SensorMonitor {
    /// What was usual for the quantity that `rule` judges, by what the sensor's detector knows now.
    ///
    /// Costs up to ``Baseline/mostPoints`` look-ups in a profile: some 0.1 ms. Asked when a request opens, changes or
    /// closes, not with each reading.
    /// - Returns: nil for rules that compare with nothing, and while too little is known.
    public func baseline(of rule: Rule, fromMs: Int64, toMs: Int64) -> Baseline? {
        switch rule {
        case .nightFlow, .burst, .drift:
            (flow.first ?? pressure.first)?.baseline(fromMs: fromMs, toMs: toMs, zone: zone)
        case .leakNoise: noise.first?.baseline(fromMs: fromMs, toMs: toMs)
        case .meterNeverZero: meter.first?.baseline(fromMs: fromMs, toMs: toMs)
        case .congestion: traffic.first?.congestionBaseline(fromMs: fromMs, toMs: toMs, zone: zone)
        case .trafficDrop: traffic.first?.dropBaseline(fromMs: fromMs, toMs: toMs, zone: zone)
        case .anomaly: anomaly.first?.baseline(fromMs: fromMs, toMs: toMs)
        case .wetContact, .binFull, .binFire, .binTilt, .binDumping, .binForecast, .silence, .gatewaySilence, .stuck,
            .implausible, .clock:
            nil
        }
    }
}
