import Open311

/// What a path asks for.
enum Endpoint: Equatable {
    case discovery(GeoReportFormat)
    case services(GeoReportFormat)
    case service(code: String, GeoReportFormat)
    case requests(GeoReportFormat)
    case request(id: String, GeoReportFormat)
    case live
    case ready
    case metrics
    case events
    /// A file of the first page, by its path.
    case asset(String)

    /// The path without what it names: a metric label of few values.
    enum Template: String, CaseIterable {
        case discovery = "/open311/v2/discovery"
        case services = "/open311/v2/services"
        case service = "/open311/v2/services/{code}"
        case requests = "/open311/v2/requests"
        case request = "/open311/v2/requests/{id}"
        case live = "/health/live"
        case ready = "/health/ready"
        case metrics = "/metrics"
        case events = "/api/events"
        case asset = "/assets"
        case unknown = "unknown"
    }

    /// nil when nothing is there. The path is compared as it was sent: no second spelling (`%2e`, `//`, `..`) leads
    /// anywhere.
    init?(path: String, assets: Set<String>) {
        switch path {
        case "/health/live": self = .live
        case "/health/ready": self = .ready
        case "/metrics": self = .metrics
        case "/api/events": self = .events
        default:
            if assets.contains(path) {
                self = .asset(path)
            } else if let found = Self.geoReport(path) {
                self = found
            } else {
                return nil
            }
        }
    }

    static let geoReportRoot = "/open311/v2"

    private static func geoReport(_ path: String) -> Endpoint? {
        guard path.hasPrefix(geoReportRoot + "/"), let format = format(of: path) else { return nil }
        let name = path.dropFirst(geoReportRoot.count + 1).dropLast(format.rawValue.utf8.count + 1)
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        switch (parts.first, parts.count) {
        case ("discovery", 1): return .discovery(format)
        case ("services", 1): return .services(format)
        case ("services", 2): return .service(code: String(parts[1]), format)
        case ("requests", 1): return .requests(format)
        case ("requests", 2): return .request(id: String(parts[1]), format)
        default: return nil
        }
    }

    /// The format that a path's extension asks for.
    static func format(of path: String) -> GeoReportFormat? {
        GeoReportFormat.allCases.first { path.hasSuffix("." + $0.rawValue) }
    }

    var template: Template {
        switch self {
        case .discovery: .discovery
        case .services: .services
        case .service: .service
        case .requests: .requests
        case .request: .request
        case .live: .live
        case .ready: .ready
        case .metrics: .metrics
        case .events: .events
        case .asset: .asset
        }
    }
}
