public import Open311

extension Goal {
    /// How a goal stands.
    public enum Standing: String, Sendable {
        /// The figure's whole interval is on the target's better side, or on its worse side.
        case met, missed
        /// The target lies within the interval: it may be either.
        case unclear
        case noData = "no_data"
    }

    public func standing(_ sums: MeasureSums) -> Standing {
        let figure = measure.figure(sums)
        guard let value = figure.value else { return .noData }
        // Of a few that all wait nothing is known.
        guard let interval = figure.interval else { return value.isFinite ? .unclear : .noData }
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
