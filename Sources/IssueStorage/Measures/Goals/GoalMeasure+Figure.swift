public import Open311

extension GoalMeasure {
    /// How it stands: the figure, its 95 % interval where there is one, and how many requests it is made of. A figure or an end
    /// of the interval that can't be said because too much is still open is infinite.
    public func figure(_ sums: MeasureSums) -> (value: Double?, interval: ClosedRange<Double>?, of: Int) {
        switch self {
        case .detectedBeforeReported: Self.figure(sums.detectedBeforeReported)
        case .onTime: Self.figure(sums.onTime)
        case .falseAlarms: Self.figure(sums.falseAlarms)
        case .emptiedInTime: Self.figure(sums.emptiedInTime)
        case .leadTime: Self.figure(sums.leadTime)
        case .timeToAcknowledge: Self.figure(sums.timeToAcknowledge)
        case .timeToClose: Self.figure(sums.timeToClose)
        }
    }

    /// How many of those that its figure is made of have not come to their end yet.
    public func waiting(_ sums: MeasureSums) -> Int {
        switch self {
        case .timeToAcknowledge: sums.timeToAcknowledge.waiting
        case .timeToClose: sums.timeToClose.waiting
        case .detectedBeforeReported, .leadTime, .onTime, .falseAlarms, .emptiedInTime: 0
        }
    }

    private static func figure(_ share: Share) -> (value: Double?, interval: ClosedRange<Double>?, of: Int) {
        (share.value, share.interval, share.of)
    }

    private static func figure(_ median: SpanMedian) -> (value: Double?, interval: ClosedRange<Double>?, of: Int) {
        (median.seconds, median.interval, median.ended + median.waiting)
    }
}
