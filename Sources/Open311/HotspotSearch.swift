/// What `GET /api/hotspots` asks for, read from its query parameters. Conventions are those of ``RequestSearch``.
public struct HotspotSearch: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable { case ward, cell }

    /// Services that the public may know of, in the order of the catalogue.
    public var services: [ServiceCode]
    public var kinds: [Kind]
    /// The last so many days before ``toMs``.
    public var days: Int
    /// In milliseconds since the Unix epoch.
    public var toMs: Int64

    public static let mostDays = 91

    /// - Throws: a 400 that says which parameter and what would be right.
    public init(
        parameters: [(name: String, value: String)], nowMs: Int64, catalog: ServiceCatalog = .standard
    ) throws(GeoReportError) {
        let given = QueryParameters(parameters)
        services = try given.services(of: catalog)
        kinds =
            try given.list("kind", expecting: Kind.allCases.map(\.rawValue)) { Kind(rawValue: $0) } ?? Kind.allCases
        days = try given.number("days", in: 1...Self.mostDays) ?? 7
        // What has not happened yet can't be looked at.
        toMs = min(try given.time("to") ?? nowMs, nowMs)
    }
}
