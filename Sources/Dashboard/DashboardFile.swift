/// One file of the first page, compiled in, and where it is served.
///
/// The files are edited under `Assets`; the build turns each into a constant.
public struct DashboardFile: Sendable {
    /// The URL path, from the slash on.
    public var path: String
    public var contentType: String
    public var bytes: [UInt8]

    public static let all = [
        DashboardFile(path: "/", contentType: "text/html; charset=utf-8", bytes: PackageResources.index_html),
        DashboardFile(
            path: "/assets/page.css", contentType: "text/css; charset=utf-8", bytes: PackageResources.page_css),
        DashboardFile(
            path: "/assets/page.js", contentType: "text/javascript; charset=utf-8", bytes: PackageResources.page_js),
        DashboardFile(
            path: "/assets/map.js", contentType: "text/javascript; charset=utf-8", bytes: PackageResources.map_js),
        DashboardFile(
            path: "/assets/icon.svg", contentType: "image/svg+xml; charset=utf-8",
            bytes: PackageResources.icon_svg),
    ]
}
