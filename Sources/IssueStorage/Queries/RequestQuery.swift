internal import GRDB
public import Open311

/// Which requests to read. Conditions that are given must all hold; nil means any, an empty list none.
public struct RequestQuery: Sendable, Equatable {
    public var ids: [Int64]?
    public var services: [ServiceCode]?
    /// Never these, whatever else is asked for.
    public var hiddenServices: [ServiceCode] = []
    public var statuses: [ServiceRequest.Status]?
    public var wards: [String]?
    /// At least so grave.
    public var leastSeverity: Int?
    /// Earliest and latest `requested_datetime`, both inclusive, in milliseconds since the Unix epoch.
    public var requestedFromMs: Int64?
    public var requestedToMs: Int64?
    /// The same for `updated_datetime`.
    public var updatedFromMs: Int64?
    public var updatedToMs: Int64?
    /// Only those with a position in it, edges included.
    public var box: GeoBox?
    /// Only those with a position so near.
    public var circle: GeoCircle?
    /// Only the parts of this request: what people reported of the same trouble.
    public var parentID: Int64?
    /// Only those that this figure is made of.
    public var basis: MeasureBasis?
    /// For ``basis``: what is open and was to be closed before this moment is late, in milliseconds since the Unix epoch.
    public var nowMs: Int64 = 0
    /// At most so many rows, the newest.
    public var limit = 1000
    /// Rows to skip before them, for pages.
    public var offset = 0

    public init() {}

    /// What rows are found by, where not by the time at which they were raised.
    enum Way { case update, place }

    /// The SQL behind `WHERE`, with its arguments.
    ///
    /// - Parameter way: what rows are to be found by.
    func condition(by way: Way? = nil) -> SQLCondition {
        // The plus keeps SQLite from using the index: then what was found had to be sorted.
        let updated = way == .update ? "updated_at" : "+updated_at"
        var all = SQLCondition()
        all.isIn("id", ids)
        all.oneOf("service", services?.map(\.rawValue))
        for hidden in hiddenServices { all.add("service <> ?", [hidden.rawValue]) }
        all.oneOf("status", statuses?.map(\.rawValue))
        all.oneOf("ward", wards)
        all.add("severity >= ?", ifAny: leastSeverity)
        all.add("requested_at >= ?", ifAny: requestedFromMs)
        all.add("requested_at <= ?", ifAny: requestedToMs)
        all.add("\(updated) >= ?", ifAny: updatedFromMs)
        all.add("\(updated) <= ?", ifAny: updatedToMs)
        if let box { all.inside(box, byPlace: way == .place) }
        if let circle { all.near(circle, byPlace: way == .place) }
        all.add("parent_id = ?", ifAny: parentID)
        basis?.add(to: &all, nowMs: nowMs)
        return all
    }
}
