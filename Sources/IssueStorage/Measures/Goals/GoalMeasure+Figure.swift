public import Open311

extension GoalMeasure {
    /// How it stands: the figure, its 95 % interval where there is one, and how many requests it is made of.
    public func figure(_ sums: MeasureSums) -> (value: Double?, interval: ClosedRange<Double>?, of: Int) {
        switch self {
        case .detectedBeforeReported: Self.figure(sums.detectedBeforeReported)
        case .onTime: Self.figure(sums.onTime)
        case .falseAlarms: Self.figure(sums.falseAlarms)
        case .emptiedInTime: Self.figure(sums.emptiedInTime)
        case .leadTime: Self.figure(sums.lead)
        case .timeToAcknowledge: Self.figure(sums.acknowledge)
        case .timeToClose: Self.figure(sums.close)
        }
    }

    private static func figure(_ share: Share) -> (value: Double?, interval: ClosedRange<Double>?, of: Int) {
        (share.value, share.interval, share.of)
    }

    private static func figure(_ spans: SpanHistogram) -> (value: Double?, interval: ClosedRange<Double>?, of: Int) {
        (spans.medianSeconds, spans.medianInterval, spans.total)
    }
}
