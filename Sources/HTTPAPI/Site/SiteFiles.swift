import Dashboard
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Open311

/// Everything that is served as it is: the pages' own files, the map and chart libraries, the wards, what is configured.
///
/// Only what was found at start is served, by exact path, so no path can lead out of a folder.
struct SiteFiles: Sendable {
    struct File: Sendable {
        var contentType: String
        var body: ByteBuffer
        /// The same as gzip, for what is text and no scrap.
        var zipped: ZippedFile?
        /// A strong entity tag: a hash of the content. The compressed form has another.
        var tag: String
        /// Whether a browser may use it for a day without asking.
        var isVendored: Bool
    }

    private let routes: [String: Route]
    /// Scheme, host and port of the server that map tiles come from, if any.
    let imageOrigin: String?

    init(_ configuration: HTTPConfiguration) {
        var files: [String: File] = [:]
        var edited: [String: (file: String, contentType: String)] = [:]
        for file in DashboardFile.all {
            files[file.path] = Self.file(file.bytes, contentType: file.contentType)
            if let folder = configuration.assetsDirectory {
                edited[file.path] = ("\(folder)/\(file.name)", file.contentType)
            }
        }
        let geoJSON = "application/geo+json; charset=utf-8"
        if !configuration.wardsGeoJSON.isEmpty {
            files["/assets/wards.geojson"] = Self.file(configuration.wardsGeoJSON, contentType: geoJSON)
        }
        for (number, layer) in configuration.layers.enumerated() {
            files["/assets/layers/\(number).geojson"] = Self.file(layer.geoJSON, contentType: geoJSON)
        }
        for (folder, names) in [
            (configuration.leafletDirectory, Self.ofLeaflet), (configuration.chartDirectory, Self.ofCharts),
        ] {
            for (name, contentType) in names {
                guard let data = try? Data(contentsOf: URL(filePath: "\(folder)/\(name)")) else { continue }
                files["/assets/vendor/\(name)"] = Self.file(Array(data), contentType: contentType, isVendored: true)
            }
        }
        files["/assets/settings.json"] = Self.file(
            configuration.pageSettings.encoded(as: .json), contentType: GeoReportFormat.json.contentType)
        let imageOrigin = configuration.tiles.flatMap { Self.origin(of: $0.url) }
        let everywhere = SiteResponder.policy(imageOrigin: imageOrigin, frames: "*")
        var routes: [String: Route] = [:]
        for (path, file) in files {
            let source = edited[path]
            let policy = DashboardFile.embeddable.contains(path) ? everywhere : nil
            routes[path] = Route(
                path,
                get: { call in
                    var response = Self.answer(source.flatMap(Self.read) ?? file, call.request)
                    if let policy { response.headers[.contentSecurityPolicy] = policy }
                    return response
                })
        }
        self.routes = routes
        self.imageOrigin = imageOrigin
    }

    /// A file as it stands now, while somebody edits it.
    private static func read(_ source: (file: String, contentType: String)) -> File? {
        guard let data = try? Data(contentsOf: URL(filePath: source.file)) else { return nil }
        return file(Array(data), contentType: source.contentType)
    }

    /// Whether there is a map library to draw with.
    var hasMap: Bool { routes["/assets/vendor/leaflet.min.js"] != nil }

    /// The file at a path, or nil.
    func route(_ path: String) -> Route? { routes[path] }

    private static func answer(_ file: File, _ request: Request) -> Response {
        let zipped = request.takesGzip ? file.zipped : nil
        let entityTag = zipped == nil ? "\"\(file.tag)\"" : "\"\(file.tag)-gzip\""
        var headers: HTTPFields = [
            .eTag: entityTag, .cacheControl: file.isVendored ? "public, max-age=86400" : "no-cache",
        ]
        if file.zipped != nil { headers[.vary] = "Accept-Encoding" }
        if let known = request.headers[.ifNoneMatch], known.contains(entityTag) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = file.contentType
        if zipped != nil { headers[.contentEncoding] = "gzip" }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: zipped?.bytes ?? file.body))
    }

    private static let javaScript = "text/javascript; charset=utf-8"
    private static let css = "text/css; charset=utf-8"

    private static let ofLeaflet = [
        ("leaflet.min.js", javaScript), ("leaflet.css", css),
        ("leaflet.markercluster.min.js", javaScript), ("MarkerCluster.css", css), ("MarkerCluster.Default.css", css),
        ("images/layers.png", "image/png"), ("images/layers-2x.png", "image/png"),
        ("images/marker-icon.png", "image/png"), ("images/marker-icon-2x.png", "image/png"),
        ("images/marker-shadow.png", "image/png"),
    ]
    private static let ofCharts = [("chart.min.js", javaScript)]

    private static func file(_ bytes: [UInt8], contentType: String, isVendored: Bool = false) -> File {
        // FNV-1a: tells versions of a file apart; nobody gains by a collision.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01B3 }
        let body = ByteBuffer(bytes: bytes)
        let isWorthIt = BodyCompressor.shrinks(contentType) && bytes.count >= BodyCompressor.leastBytes
        return File(
            contentType: contentType, body: body, zipped: isWorthIt ? ZippedFile(body) : nil,
            tag: "\(String(hash, radix: 16))-\(bytes.count)", isVendored: isVendored)
    }

    /// `https://tiles.example.org` of `https://tiles.example.org/{z}/{x}/{y}.png`; nil for what isn't such an address.
    static func origin(of url: String) -> String? {
        for scheme in ["http://", "https://"] where url.hasPrefix(scheme) {
            let host = String(url.dropFirst(scheme.count).prefix { $0 != "/" })
            return Authority(host) == nil ? nil : scheme + host
        }
        return nil
    }
}

extension HTTPConfiguration {
    /// What the pages must know before they ask for anything.
    fileprivate var pageSettings: GeoReportDocument {
        GeoReportDocument(
            root: "settings",
            content: .fields([
                .init("is_test", .boolean(!isProduction)),
                .init("time_zone", .text(ifAny: timeZone)),
                .init(
                    "tiles",
                    tiles.map { .fields([.init("url", .text($0.url)), .init("credit", .text($0.credit))]) } ?? .absent),
                .init(
                    "layers",
                    .list(
                        of: "layer",
                        layers.enumerated().map {
                            .fields([
                                .init("name", .text($1.name)), .init("path", .text("/assets/layers/\($0).geojson")),
                            ])
                        })),
            ]))
    }
}
