/// What an export of requests asks for, read from its query parameters: those of ``RequestSearch``, of everything that is
/// stored, and a few more.
public struct ExportSearch: Sendable, Equatable {
    /// Its page and page size mean nothing here.
    public var search: RequestSearch
    /// nil: any.
    public var wards: [String]?
    /// At least so grave; nil: any.
    public var leastSeverity: Int?
    /// What was known at this moment, in milliseconds since the Unix epoch; nil: what is known now.
    public var asOfMs: Int64?

    /// - Throws: a 400 that says which parameter and what would be right.
    public init(
        parameters: [(name: String, value: String)], nowMs: Int64, catalog: ServiceCatalog = .standard
    ) throws(GeoReportError) {
        let given = QueryParameters(parameters)
        search = try RequestSearch(parameters: parameters, nowMs: nowMs, catalog: catalog, isWhole: true)
        // What has left the catalogue is not public any more.
        if search.ids == nil, search.services == nil { search.services = catalog.published.map(\.code) }
        wards = try given.list("ward", expecting: []) { $0 }
        leastSeverity = try given.number("severity", in: 1...4)
        // Documents show whole seconds: all of the second that is named was known by then.
        asOfMs = try given.time("as_of").map { $0 % 1000 == 0 ? $0 + 999 : $0 }
    }
}
