/// All figures of one backtest.
public struct ScoreReport: Sendable {
    public typealias Rows = [(name: String, tally: Tally)]

    /// Incidents of the street, by kind and by group.
    public let kinds: Rows
    public let groups: Rows
    /// Faults of sensors, by kind.
    public let faults: Rows
    /// The benchmark's series in the set, by sensor.
    public let nab: [(name: String, score: NABScore)]
    /// Nil for a set that does not tell when bins got full.
    public let forecasts: ForecastScore?
    /// The two matchings that all of it comes from.
    public let events: Matching
    public let sensorFaults: Matching

    /// - Parameters:
    ///   - series: the benchmark's series in the set.
    ///   - fold: count only what belongs to this part of the set; benchmark and forecasts are then left out.
    public init(
        _ outcome: Replay.Outcome, set: LabelledSet, truth: BinTruth? = nil, series: [NABSeries] = [],
        fold: Fold? = nil
    ) {
        events = Matching(outcome.incidents, set: set, class: .event)
        sensorFaults = Matching(outcome.incidents, set: set, class: .fault)
        kinds = events.tallies(by: .kind, fold: fold)
        groups = events.tallies(by: .group, fold: fold)
        faults = sensorFaults.tallies(by: .kind, fold: fold)
        nab = fold == nil ? series.map { ($0.file, $0.score(outcome.incidents)) } : []
        forecasts = fold == nil ? truth.map { ForecastScore(outcome.openings, truth: $0, set: set) } : nil
    }

    /// All series of the benchmark together; nil for a set without any.
    public var nabTotal: NABScore? {
        guard let first = nab.first?.score else { return nil }
        return nab.dropFirst().reduce(first) { $0 + $1.score }
    }
}
