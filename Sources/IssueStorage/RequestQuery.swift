internal import GRDB
public import Open311

/// Which requests to read. Conditions that are given must all hold; nil means any, an empty list none.
public struct RequestQuery: Sendable, Equatable {
    public var ids: [Int64]?
    public var services: [ServiceCode]?
    public var statuses: [ServiceRequest.Status]?
    /// Earliest and latest `requested_datetime`, both inclusive, in milliseconds since the Unix epoch.
    public var requestedFromMs: Int64?
    public var requestedToMs: Int64?
    /// The same for `updated_datetime`.
    public var updatedFromMs: Int64?
    public var updatedToMs: Int64?
    /// Only those with a position, and inside.
    public var circle: GeoCircle?
    public var box: GeoBox?
    /// None of these, whatever else is asked for.
    public var hiddenServices: [ServiceCode] = []
    /// At most so many rows, the newest.
    public var limit = 1000
    /// Rows to skip before them, for pages.
    public var offset = 0

    public init() {}

    /// The SQL behind `WHERE`, with its arguments.
    var condition: (sql: String, arguments: StatementArguments) {
        var clauses: [String] = []
        var arguments = StatementArguments()
        func oneOf(_ column: String, _ values: [any DatabaseValueConvertible]?) {
            guard let values else { return }
            clauses.append("\(column) IN (\(values.map { _ in "?" }.joined(separator: ", ")))")
            arguments += StatementArguments(values)
        }
        func bound(_ comparison: String, _ value: Int64?) {
            guard let value else { return }
            clauses.append("\(comparison) ?")
            arguments += [value]
        }
        oneOf("id", ids)
        oneOf("service", services?.map(\.rawValue))
        oneOf("status", statuses?.map(\.rawValue))
        bound("requested_at >=", requestedFromMs)
        bound("requested_at <=", requestedToMs)
        bound("updated_at >=", updatedFromMs)
        bound("updated_at <=", updatedToMs)
        if !hiddenServices.isEmpty {
            clauses.append("service NOT IN (\(hiddenServices.map { _ in "?" }.joined(separator: ", ")))")
            arguments += StatementArguments(hiddenServices.map(\.rawValue))
        }
        for place in [circle?.condition, box?.condition] {
            guard let place else { continue }
            clauses.append(place.sql)
            arguments += StatementArguments(place.arguments)
        }
        return (clauses.isEmpty ? "TRUE" : clauses.joined(separator: " AND "), arguments)
    }
}
