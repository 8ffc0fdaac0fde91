/// What `GET servicerequestupdates` asks for, read from its query parameters.
///
/// The oldest come first, so that pages stay as they are while new updates come in. As for requests, both ends of the
/// range are inclusive to the second that documents show, and without any dates the last 90 days are meant; but a range
/// may be of any length, for a client that has been away.
public struct UpdateSearch: Sendable, Equatable {
    /// `updated_datetime`; nil: open.
    public var fromMs: Int64?
    public var toMs: Int64?
    /// `service_request_id`; nil: any.
    public var requestIDs: [Int64]?
    /// Never of these: services that are not public.
    public var hiddenServices: [ServiceCode] = []
    /// From 1.
    public var page = 1
    /// 1–1000.
    public var pageSize = RequestSearch.mostRows

    public init() {}

    /// Rows to leave out before the page.
    public var offset: Int { (page - 1) * pageSize }

    /// - Parameter nowMs: where "the last 90 days" end.
    /// - Throws: 400, which says which parameter and what would be right.
    public init(
        parameters: [(name: String, value: String)], nowMs: Int64, catalog: ServiceCatalog = .standard
    ) throws(GeoReportError) {
        let given = QueryParameters(parameters)
        page = try given.number("page", in: 1...RequestSearch.lastPage) ?? 1
        pageSize = try given.number("page_size", in: 1...RequestSearch.mostRows) ?? RequestSearch.mostRows
        requestIDs = try given.ids("service_request_id")
        hiddenServices = catalog.hidden
        (fromMs, toMs) = try given.range("start_date", "end_date")
        if fromMs == nil, toMs == nil, requestIDs == nil {
            fromMs = ShownTime.first(notBefore: nowMs - RequestSearch.longestSpanMs)
        }
    }
}
