import Hummingbird
import IssueStorage
import Open311

/// `/api/hotspots`: where more happens than is expected there.
struct HotspotEndpoints: Sendable {
    let reader: IssueReader
    let disclosure: Disclosure
    let nowMs: @Sendable () -> Int64

    private typealias Field = GeoReportDocument.Field
    private typealias Node = GeoReportDocument.Node

    func hotspots(_ call: Call) async throws -> Response {
        let search = try HotspotSearch(parameters: call.query.parameters, nowMs: nowMs(), catalog: disclosure.catalog)
        var query = HotspotQuery(toMs: search.toMs)
        query.services = search.services
        query.kinds = search.kinds.map { $0 == .ward ? .ward : .cell }
        query.days = search.days
        // Where positions are coarsened, a cell would tell them.
        let found = try await reader.hotspots(query).filter { $0.kind != .cell || isExact($0.service) }
        let document = GeoReportDocument(
            root: "hotspots",
            content: .fields([
                Field("from", .time(ms: query.fromMs)),
                Field("to", .time(ms: query.toMs)),
                Field("days", .integer(Int64(query.days))),
                Field("false_discovery_rate", .number(query.falseDiscoveryRate)),
                Field("places", .list(of: "place", found.map(Self.place))),
            ]))
        return .document(document, as: .json)
    }

    private func isExact(_ service: String) -> Bool {
        ServiceCode(rawValue: service).map(disclosure.showsPlaces(of:)) ?? false
    }

    private static func place(_ hotspot: Hotspot) -> Node {
        let cell = hotspot.kind == .cell ? GridCell(hotspot.place) : nil
        let ratio = hotspot.expected.map { Double(hotspot.count) / $0 }
        return .fields([
            Field("kind", .text(hotspot.kind == .cell ? "cell" : "ward")),
            Field("id", .text(hotspot.place)),
            Field("service_code", .text(hotspot.service)),
            Field("lat", .rounded(cell?.center.latitude)),
            Field("long", .rounded(cell?.center.longitude)),
            Field("box", cell.map { box($0) } ?? .absent),
            Field("count", .integer(Int64(hotspot.count))),
            Field("expected", .rounded(hotspot.expected)),
            Field("expected_low", hotspot.expectedRange.map { .integer(Int64($0.lowerBound)) } ?? .absent),
            Field("expected_high", hotspot.expectedRange.map { .integer(Int64($0.upperBound)) } ?? .absent),
            Field("ratio", .rounded(ratio)),
            Field("p_value", hotspot.pValue.map { .number($0) } ?? .absent),
            Field("q_value", hotspot.qValue.map { .number($0) } ?? .absent),
            Field("is_hot", .boolean(hotspot.isHot)),
            Field("trend", hotspot.trend.map { .text($0.rawValue) } ?? .absent),
            Field("previous", .integer(Int64(hotspot.previous))),
            Field("basis", .integer(Int64(hotspot.basis))),
            Field("claim", .text(hotspot.claim.rawValue)),
            Field("sensors", .integer(Int64(hotspot.sensors))),
        ])
    }

    private static func box(_ cell: GridCell) -> Node {
        let box = cell.box
        return .list(
            of: "degrees", [box.west, box.south, box.east, box.north].map { .number(($0 * 1e6).rounded() / 1e6) })
    }
}
