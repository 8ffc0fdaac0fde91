/// What `GET /api/assets` asks for, read from its query parameters.
public struct AssetSearch: Sendable, Equatable {
    public var box: GeoBox?
    /// nil: any.
    public var kinds: [String]?
    /// Only the asset of this id.
    public var id: String?
    /// From 1.
    public var page = 1
    /// 1–1000.
    public var pageSize = RequestSearch.mostRows

    /// Unknown parameters are ignored, empty ones are as absent.
    ///
    /// - Throws: 400, which says which parameter and what would be right.
    public init(parameters: [(name: String, value: String)]) throws(GeoReportError) {
        let given = QueryParameters(parameters)
        box = try given.box()
        kinds = try given.list("kind", expecting: ["kinds such as bin or hydrant"]) { kind in
            ServiceCode(rawValue: kind)?.rawValue
        }
        id = given.first("id")
        page = try given.number("page", in: 1...RequestSearch.lastPage) ?? 1
        pageSize = try given.number("page_size", in: 1...RequestSearch.mostRows) ?? RequestSearch.mostRows
    }

    /// Rows to leave out before the page.
    public var offset: Int { (page - 1) * pageSize }
}
