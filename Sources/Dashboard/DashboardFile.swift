/// One file of the pages, compiled in, and where it is served.
///
/// The files are edited under `Assets`; the build turns each into a constant named after it, so no two may share a name.
public struct DashboardFile: Sendable {
    /// The URL path, from the slash on.
    public var path: String
    /// Below `Assets`.
    public var name: String
    public var contentType: String
    public var bytes: [UInt8]

    /// Each view has an address; one document is the shell of all, and shows what its address asks for.
    public static let pages = ["/", "/request", "/trends", "/goals", "/report", "/sensors", "/operations"]
    /// Pages that write nothing: any site may show them in a frame.
    public static let embeddable: Set<String> = ["/", "/trends", "/goals"]

    public static let all =
        pages.map {
            DashboardFile(
                path: $0, name: "index.html", contentType: "text/html; charset=utf-8",
                bytes: PackageResources.index_html)
        } + files

    private static let files = [
        file("icon.svg", PackageResources.icon_svg),
        file("styles/base.css", PackageResources.base_css),
        file("styles/parts.css", PackageResources.parts_css),
        file("styles/map.css", PackageResources.map_css),
        file("styles/print.css", PackageResources.print_css),
        file("core/address.js", PackageResources.address_js),
        file("core/api.js", PackageResources.api_js),
        file("core/chart.js", PackageResources.chart_js),
        file("core/checks.js", PackageResources.checks_js),
        file("core/dom.js", PackageResources.dom_js),
        file("core/filters.js", PackageResources.filters_js),
        file("core/key.js", PackageResources.key_js),
        file("core/live.js", PackageResources.live_js),
        file("core/main.js", PackageResources.main_js),
        file("core/measures.js", PackageResources.measures_js),
        file("core/names.js", PackageResources.names_js),
        file("core/requests.js", PackageResources.requests_js),
        file("core/sentences.js", PackageResources.sentences_js),
        file("core/strings.js", PackageResources.strings_js),
        file("core/table.js", PackageResources.table_js),
        file("core/time.js", PackageResources.time_js),
        file("strings/en.js", PackageResources.en_js),
        file("strings/pl.js", PackageResources.pl_js),
        file("strings/ur.js", PackageResources.ur_js),
        file("views/map.js", PackageResources.map_js),
        file("views/map-layer.js", PackageResources.map_layer_js),
        file("views/map-list.js", PackageResources.map_list_js),
        file("views/request.js", PackageResources.request_js),
        file("views/request-evidence.js", PackageResources.request_evidence_js),
        file("views/request-verdict.js", PackageResources.request_verdict_js),
        file("views/trends.js", PackageResources.trends_js),
        file("views/goals.js", PackageResources.goals_js),
        file("views/report.js", PackageResources.report_js),
        file("views/report-questions.js", PackageResources.report_questions_js),
        file("views/sensors.js", PackageResources.sensors_js),
        file("views/sensor.js", PackageResources.sensor_js),
        file("views/operations.js", PackageResources.operations_js),
        file("views/operations-figures.js", PackageResources.operations_figures_js),
        file("views/operations-tail.js", PackageResources.operations_tail_js),
    ]

    private static func file(_ name: String, _ bytes: [UInt8]) -> DashboardFile {
        let contentType =
            if name.hasSuffix(".js") {
                "text/javascript"
            } else if name.hasSuffix(".css") {
                "text/css"
            } else {
                "image/svg+xml"
            }
        return DashboardFile(
            path: "/assets/" + name, name: name, contentType: contentType + "; charset=utf-8", bytes: bytes)
    }
}
