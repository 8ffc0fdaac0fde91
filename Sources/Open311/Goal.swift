/// A target that a city sets itself.
public struct Goal: Sendable, Equatable {
    /// nil: all services that have the figure.
    public var service: ServiceCode?
    public var measure: GoalMeasure
    /// A share of 0 to 1, or seconds, as the measure has it.
    public var target: Double

    public init(service: ServiceCode? = nil, measure: GoalMeasure, target: Double) {
        (self.service, self.measure, self.target) = (service, measure, target)
    }

    /// What holds until a city sets its own.
    public static let standard = [
        Goal(measure: .onTime, target: 0.9),
        Goal(measure: .timeToAcknowledge, target: 4 * 3600),
        Goal(service: .waterLeak, measure: .detectedBeforeReported, target: 0.8),
        Goal(service: .waterLeak, measure: .leadTime, target: 6 * 3600),
        Goal(service: .waterLeak, measure: .falseAlarms, target: 0.1),
        Goal(service: .trafficAnomaly, measure: .detectedBeforeReported, target: 0.8),
        Goal(service: .trafficAnomaly, measure: .falseAlarms, target: 0.1),
        Goal(service: .binFull, measure: .detectedBeforeReported, target: 0.8),
        Goal(service: .binFull, measure: .emptiedInTime, target: 0.9),
    ]
}
