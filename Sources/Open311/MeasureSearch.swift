/// What `GET /api/measures` asks for, read from its query parameters. Conventions are those of ``RequestSearch``.
public struct MeasureSearch: Sendable, Equatable {
    public enum Grouping: String, Sendable, CaseIterable { case ward, week }

    /// Services that the public may know of, in the order of the catalogue; not empty unless the catalogue is.
    public var services: [ServiceCode]
    /// nil: all, and requests without one.
    public var wards: [String]?
    /// Requests raised from here on, in milliseconds since the Unix epoch; and before there.
    public var fromMs: Int64
    public var toMs: Int64
    public var grouping: Grouping?

    public static let usualSpanMs: Int64 = 90 * 86_400_000
    /// Weeks that are listed one by one at most.
    public static let mostWeeks = 530

    /// - Throws: a 400 that says which parameter and what would be right.
    public init(
        parameters: [(name: String, value: String)], nowMs: Int64, catalog: ServiceCatalog = .standard
    ) throws(GeoReportError) {
        let given = QueryParameters(parameters)
        services = try given.services(of: catalog)
        wards = try given.list("ward", expecting: []) { $0 }
        let (from, to) = (try given.time("from"), try given.time("to"))
        toMs = to ?? nowMs
        fromMs = from ?? toMs - Self.usualSpanMs
        guard fromMs < toMs else { throw GeoReportError(code: 400, "from: must lie before to") }
        grouping = try given.first("by").map { text throws(GeoReportError) in
            guard let grouping = Grouping(rawValue: text) else {
                throw .badParameter("by", "must be ward or week", found: text)
            }
            return grouping
        }
        if grouping == .week, toMs - fromMs > Int64(Self.mostWeeks) * 7 * 86_400_000 {
            throw GeoReportError(code: 400, "from: with by=week at most \(Self.mostWeeks) weeks before to")
        }
    }
}

extension QueryParameters {
    /// `service` or `service_code`: those given, else all that the public may know of.
    func services(of catalog: ServiceCatalog) throws(GeoReportError) -> [ServiceCode] {
        let all = catalog.published.map(\.code)
        for name in ["service", "service_code"] where first(name) != nil {
            let read = try list(name, expecting: all.map(\.rawValue)) {
                ServiceCode(rawValue: $0).flatMap { catalog.published(code: $0)?.code }
            }
            if let read { return all.filter(read.contains) }
        }
        return all
    }
}
