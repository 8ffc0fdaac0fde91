public import Open311

/// A target that a city sets itself.
public struct Goal: Sendable, Equatable {
    /// How a goal stands.
    public enum Standing: String, Sendable {
        /// The figure's whole interval is on the target's better side, or on its worse side.
        case met, missed
        /// The target lies within the interval: it may be either.
        case unclear
        case noData = "no_data"
    }

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

    public func standing(_ sums: MeasureSums) -> Standing {
        let figure = measure.figure(sums)
        guard let value = figure.value else { return .noData }
        guard let interval = figure.interval else { return .unclear }
        // Without spread there is nothing unclear about it.
        if interval.lowerBound == interval.upperBound { return isReached(value) ? .met : .missed }
        let (worst, best) =
            measure.isFloor
            ? (interval.lowerBound, interval.upperBound) : (interval.upperBound, interval.lowerBound)
        if isReached(worst) { return .met }
        return isReached(best) ? .unclear : .missed
    }

    private func isReached(_ value: Double) -> Bool { measure.isFloor ? value >= target : value <= target }
}
