/// What `GET servicerequestupdates` asks for.
public struct UpdateSearch: Sendable, Equatable {
    /// `updated_datetime`, both ends inclusive; nil: open.
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
}
