import HTTPTypes
import Hummingbird
import IssueStorage
import Open311
import Telemetry

/// What only the pages ask for: a compact list for the map, sensors and their history, how operations stand.
///
/// Arrays of columns and rows instead of objects: ten thousand sensors in half a megabyte. Times are milliseconds since the
/// Unix epoch.
struct PagesEndpoints: Sendable {
    let site: SiteParts
    let pages: any PageSource
    let health: @Sendable () -> HealthReport
    let nowMs: @Sendable () -> Int64
    /// For everyone, and for those who may see what services keep back.
    let publicSensors = BriefMemory(lifetime: .seconds(5))
    let allSensors = BriefMemory(lifetime: .seconds(5))
    let pseudonyms = PseudonymTable()

    var routes: [Route] {
        [
            Route("/api/map", get: map),
            Route("/api/sensors", get: sensors),
            Route("/api/sensor", get: sensor),
            Route("/api/sensor/history", get: history),
            Route("/api/operations", get: operations),
        ]
    }

    /// More than a browser's map takes at once helps nobody: the newest, and how many there are.
    private static let mostOnMap = 3000

    /// Requests as rows, newest first. Filters as in the export, and `measure`: only those that a figure is made of;
    /// and `parent`: only the parts of a request.
    ///
    /// `totals` has how many there are of each service, `service_code` aside.
    private func map(_ call: Call) async throws -> Response {
        let given = call.query.parameters
        let search = try ExportSearch(parameters: given, nowMs: nowMs(), catalog: site.view.catalog)
        var query = RequestQuery(search)
        if let name = call.query.first("measure"), !name.isEmpty {
            guard let basis = MeasureBasis(name: name) else {
                throw GeoReportError(
                    code: 400, "measure: must be one of " + MeasureBasis.all.map(\.name).joined(separator: ", "))
            }
            (query.basis, query.nowMs) = (basis, nowMs())
        }
        query.parentID = try call.query.integer("parent", in: 1...Int64.max)
        (query.limit, query.offset) = (Self.mostOnMap, 0)
        let found = try await pages.requests(query)
        let wanted = Set(query.services ?? [])
        query.services = site.view.catalog.published.map(\.code)
        let totals = try await pages.requestCounts(query)
        let total = totals.reduce(0) { $0 + (wanted.contains($1.key) ? $1.value : 0) }
        return .rows(
            [
                "id", "lat", "long", "service_code", "severity", "status", "requested", "updated", "since", "ward",
                "address", "title", "sensors", "text",
            ],
            // Only the first are read as cards before anything else is asked for.
            found.compactMap(site.view.disclosure.request).enumerated().map {
                Self.row($1, hasText: $0 < 200 || $1.severity > 2)
            },
            beside: [
                .init("total", .integer(Int64(total))),
                .init(
                    "totals",
                    .fields(
                        totals.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                            .init($0.key.rawValue, .integer(Int64($0.value)))
                        })),
            ])
    }

    private static func row(_ request: ServiceRequest, hasText: Bool) -> [GeoReportDocument.Node] {
        [
            .text(String(request.id)), .number(ifAny: request.latitude), .number(ifAny: request.longitude),
            .text(request.service.rawValue), .integer(Int64(request.severity)), .text(request.status.rawValue),
            .integer(request.requestedAtMs), .integer(request.updatedAtMs), .integer(request.firstSeenMs),
            .text(ifAny: request.ward), .text(ifAny: request.address), .text(ifAny: request.title),
            .integer(Int64(request.sensorCount)),
            hasText ? .text(ifAny: String(request.description.prefix(280))) : .absent,
        ]
    }
}

extension Response {
    /// `{"columns":[…],"rows":[[…],…]}`, with `beside` before them.
    static func rows(
        _ columns: [String], _ rows: [[GeoReportDocument.Node]], beside: [GeoReportDocument.Field] = []
    ) -> Response {
        .json(.fields(beside + .table(columns, rows)))
    }

    static func json(_ node: GeoReportDocument.Node) -> Response {
        .document(GeoReportDocument(root: "answer", content: node), as: .json)
    }
}

extension [GeoReportDocument.Field] {
    static func table(_ columns: [String], _ rows: [[GeoReportDocument.Node]]) -> Self {
        [
            .init("columns", .list(of: "column", columns.map { .text($0) })),
            .init("rows", .list(of: "row", rows.map { .list(of: "cell", $0) })),
        ]
    }
}
