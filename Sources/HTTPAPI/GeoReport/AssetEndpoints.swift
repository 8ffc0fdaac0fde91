import Hummingbird
public import IssueStorage
import Open311
public import Readings

/// Where assets are read. `IssueReader` is the one behind the daemon.
public protocol AssetSource: Sendable {
    /// Assets that match, by id.
    func assets(_ query: AssetQuery) async throws -> [Asset]

    /// How many match, whatever the query's limit.
    func assetCount(_ query: AssetQuery) async throws -> Int

    /// Which of these assets have a steward.
    func adoptedAssets(among ids: [String]) async throws -> Set<String>
}

extension IssueReader: AssetSource {}

/// Bins, shelters, hydrants, chambers: what requests can be about.
struct AssetEndpoints: Sendable {
    let source: any AssetSource
    /// Sensors of these kinds tell nobody where they stand.
    let hiddenSensors: Set<SensorKind>

    init(source: any AssetSource, catalog: ServiceCatalog) {
        self.source = source
        hiddenSensors = AssetQuery.hiddenSensors(catalog)
    }

    /// `GET /api/assets`: by `bbox`, `kind` and `id`, a page at a time. That an asset has a steward is told, never who.
    func assets(_ call: Call) async throws -> Response {
        let search = try AssetSearch(parameters: call.query.parameters)
        var query = AssetQuery()
        (query.box, query.kinds, query.id, query.hiddenSensors) = (search.box, search.kinds, search.id, hiddenSensors)
        (query.limit, query.offset) = (search.pageSize, search.offset)
        let found = try await source.assets(query)
        let total = try await source.assetCount(query)
        let adopted = try await source.adoptedAssets(among: found.map(\.id))
        let document = GeoReportDocument(
            root: "assets",
            content: .fields([
                .init("assets", .list(of: "asset", found.map { Self.node($0, isAdopted: adopted.contains($0.id)) }))
            ]))
        var response = Response.document(document, as: .json)
        response.addPageHeaders(
            call, page: search.page, hasNext: search.offset + found.count < total && !found.isEmpty, total: total)
        return response
    }

    private static func node(_ asset: Asset, isAdopted: Bool) -> GeoReportDocument.Node {
        let text = { (text: String?) -> GeoReportDocument.Node in text.map { .text($0) } ?? .absent }
        return .fields([
            .init("id", .text(asset.id)), .init("kind", .text(asset.kind)), .init("name", text(asset.name)),
            .init("address", text(asset.address)), .init("ward", text(asset.ward)),
            .init("lat", .number(asset.latitude)), .init("long", .number(asset.longitude)),
            .init("has_steward", .boolean(isAdopted)),
        ])
    }
}
