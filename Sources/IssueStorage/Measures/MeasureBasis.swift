internal import GRDB
public import Open311

/// The requests that a figure of the measures is made of: those behind its "of".
///
/// Duplicates of others are never among them, for they are the same trouble.
public enum MeasureBasis: Sendable, Equatable {
    /// All that were raised.
    case requests
    case goal(GoalMeasure)
    case saved(SavedUnit)

    /// By the names that `/api/measures` uses: `requests`, those of ``GoalMeasure``, `saved_litres`, `saved_vehicle_hours`.
    public init?(name: String) {
        guard let found = Self.all.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    public var name: String {
        switch self {
        case .requests: "requests"
        case .goal(let measure): measure.rawValue
        case .saved(let unit): "saved_" + unit.name
        }
    }

    public static var all: [MeasureBasis] {
        [.requests] + GoalMeasure.allCases.map { .goal($0) } + SavedUnit.allCases.map { .saved($0) }
    }

    /// The condition on a row of `request`. Reads `measure_fact`, which follows the requests within a moment.
    ///
    /// - Parameter nowMs: what is open and was to be closed before this moment is late.
    func add(to condition: inout SQLCondition, nowMs: Int64) {
        func facts(_ clause: String) -> String {
            "EXISTS (SELECT 1 FROM measure_fact WHERE request_id = request.id AND \(clause))"
        }
        func flagged(_ flag: MeasureFact.Flags) -> String { facts("flags & \(flag.rawValue) <> 0") }
        switch self {
        // How long it takes to close is asked of those, too, that are not closed yet.
        case .requests, .goal(.timeToClose): condition.add(facts("TRUE"), [])
        case .saved(let unit): condition.add(facts("saved_unit = ?"), [unit.rawValue])
        case .goal(.detectedBeforeReported): condition.add(flagged(.reported), [])
        case .goal(.leadTime): condition.add(facts("lead_s IS NOT NULL"), [])
        case .goal(.timeToAcknowledge):
            condition.add(
                facts("(acknowledge_s IS NOT NULL OR flags & \(MeasureFact.Flags.isOpen.rawValue) <> 0)"), [])
        case .goal(.falseAlarms): condition.add(flagged(.reviewed), [])
        case .goal(.emptiedInTime): condition.add(flagged(.filling), [])
        case .goal(.onTime):
            condition.add(
                "(\(flagged(.promised)) OR (status = 'open' AND expected_at < ? AND \(MeasureFact.isNoDuplicate)))",
                [nowMs])
        }
    }
}
