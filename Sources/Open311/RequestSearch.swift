/// What `GET requests` asks for, read from its query parameters.
///
/// As the spec has it: `service_request_id` overrides all else; without dates the last 90 days; at most 90 days and
/// 1,000 requests an answer. Times are taken at the precision in which requests are shown, whole seconds, so that
/// both ends of the range are inclusive to a client that reads only our documents.
///
/// Beyond the spec: `updated_after` or `updated_before` replaces the last 90 days, so that what has been open for longer
/// is found too (`status=open&updated_after=2020-01-01T00:00:00Z`); `lat,long,radius` and `bbox`; pages.
public struct RequestSearch: Sendable, Equatable {
    /// nil: any.
    public var ids: [Int64]?
    public var services: [ServiceCode]?
    public var statuses: [ServiceRequest.Status]?
    /// `requested_datetime`, both ends inclusive; nil: open.
    public var requestedFromMs: Int64?
    public var requestedToMs: Int64?
    /// `updated_datetime`, both ends inclusive; nil: open.
    public var updatedFromMs: Int64?
    public var updatedToMs: Int64?
    /// Only those with a position, and inside.
    public var circle: GeoCircle?
    public var box: GeoBox?
    /// Never these: services that are not public. They go before everything else, ``ids`` too.
    public var hiddenServices: [ServiceCode] = []
    /// From 1.
    public var page = 1
    /// 1–1000.
    public var pageSize = RequestSearch.mostRows
    /// `extensions=true`: answer with `extended_attributes` and `notes` too.
    public var includesExtensions = false

    /// `total=exact`: count all that are found, however many and however long that takes.
    public var countsAll = false

    public static let mostRows = 1000
    /// So many are counted unasked. Counting visits each, some 90 ns: a million would take longer than the page itself.
    public static let mostCountedUnasked = 100_000
    /// Far beyond any real answer, and far from overflow.
    public static let lastPage = 100_000
    public static let longestSpanMs: Int64 = 90 * 86_400_000

    public init() {}

    /// How far to count what is found on all pages; nil: to the end.
    public var mostCounted: Int? { countsAll ? nil : Self.mostCountedUnasked }

    /// Rows to leave out before the page.
    public var offset: Int { (page - 1) * pageSize }

    /// Unknown parameters are ignored, empty ones are as absent, of a repeated one the lists are joined and the first
    /// single value counts.
    ///
    /// - Parameters:
    ///   - nowMs: where "the last 90 days" end.
    ///   - isWhole: of everything that is stored, as exports are: no dates are put in, and ranges may be of any length.
    /// - Throws: a `400` that says which parameter and what would be right.
    public init(
        parameters: [(name: String, value: String)], nowMs: Int64, catalog: ServiceCatalog = .standard,
        isWhole: Bool = false
    ) throws(GeoReportError) {
        let given = QueryParameters(parameters)
        hiddenServices = catalog.hidden
        includesExtensions = try given.boolean("extensions") ?? false
        countsAll = try given.isSet("total", to: "exact")
        page = try given.number("page", in: 1...Self.lastPage) ?? 1
        pageSize = try given.number("page_size", in: 1...Self.mostRows) ?? Self.mostRows
        ids = try given.ids("service_request_id")
        if ids != nil { return }
        services = try given.list("service_code", expecting: catalog.published.map(\.code.rawValue)) {
            ServiceCode(rawValue: $0).flatMap { catalog.published(code: $0)?.code }
        }
        statuses = try given.list("status", expecting: ServiceRequest.Status.allCases.map(\.rawValue)) {
            ServiceRequest.Status(rawValue: $0)
        }
        (circle, box) = try (given.circle(), given.box())
        if circle != nil || box != nil { hiddenServices = catalog.notFoundByPlace }
        (updatedFromMs, updatedToMs) = try given.range("updated_after", "updated_before")
        (requestedFromMs, requestedToMs) = try given.range(
            "start_date", "end_date", longestMs: isWhole ? nil : Self.longestSpanMs)
        let hasDates = given.hasOne(of: ["start_date", "end_date", "updated_after", "updated_before"])
        if !hasDates, !isWhole { requestedFromMs = ShownTime.first(notBefore: nowMs - Self.longestSpanMs) }
    }
}
