/// Every threshold of the detectors, with defaults that need no tuning.
///
/// A plain value: the composition root fills it from configuration, detectors copy what is theirs. Each field says its
/// unit and why it is what it is, beside its declaration.
public struct DetectionParameters: Sendable, Equatable {
    /// Leaks that stay, by a zone's flow.
    public var nightFlow = NightFlowParameters()
    /// The same by pressure, where a sensor sends no flow.
    public var nightPressure = NightFlowParameters.pressure
    public var burst = BurstParameters()
    /// How far pressure must have fallen, in σ, to agree with a leak that the zone's flow tells of.
    public var agreementSigmas = 1.5
    public var leakNoise = LeakNoiseParameters()
    public var meter = MeterParameters()
    public var wetContact = WetContactParameters()
    public var congestion = CongestionParameters()
    public var trafficDrop = TrafficDropParameters()
    public var bin = BinParameters()
    /// Any other series.
    public var anomaly = AnomalyParameters()
    public var silence = SilenceParameters()
    /// After this long a leak that nobody mended, and that has stopped growing, counts as the new normal, ms.
    public var adoptsAfterMs: Int64 = 14 * 86_400_000
    /// How long a sensor's habit of repeating itself is learned, ms.
    public var stuckLearnsForMs: Int64 = 14 * 86_400_000

    public init() {}

    /// Every problem, each starting with its key, so that the operator edits the file once.
    public func problems() -> [String] {
        var found = nightFlow.problems("night_flow")
        found += nightPressure.problems("night_pressure")
        found += burst.problems("burst")
        found += leakNoise.problems("leak_noise")
        found += meter.problems("meter")
        found += wetContact.problems("wet_contact")
        found += congestion.problems("congestion")
        found += trafficDrop.problems("traffic_drop")
        found += bin.problems("bin")
        found += anomaly.problems("anomaly")
        found += silence.problems()
        if adoptsAfterMs < 86_400_000 {
            found.append("adopts_after: must be one day or more, found \(adoptsAfterMs) ms")
        }
        if stuckLearnsForMs < 0 { found.append("stuck_learns_for: must be 0 or more, found \(stuckLearnsForMs) ms") }
        return found
    }
}

/// The parameters of many sensors, once in memory.
public final class SharedParameters: Sendable, Equatable {
    public let values: DetectionParameters

    public init(_ values: DetectionParameters) { self.values = values }

    public static func == (one: SharedParameters, other: SharedParameters) -> Bool {
        one === other || one.values == other.values
    }
}
