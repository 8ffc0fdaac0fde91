import Dashboard
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// Everything that is served as it is, in memory: the first page's own files, the map library's, the wards.
///
/// Only what was found at start is served, by exact path, so no path can lead out of a folder.
struct AssetStore: Sendable {
    struct Asset: Sendable {
        var contentType: String
        var body: ByteBuffer
        /// A strong entity tag, quoted: a hash of the content.
        var entityTag: String
        /// Whether a browser may use it for a day without asking.
        var isVendored: Bool
    }

    private let routes: [String: Route]

    init(_ configuration: HTTPConfiguration) {
        var assets: [String: Asset] = [:]
        for file in DashboardFile.all {
            assets[file.path] = Self.asset(file.bytes, contentType: file.contentType)
        }
        if !configuration.wardsGeoJSON.isEmpty {
            assets["/assets/wards.geojson"] = Self.asset(
                configuration.wardsGeoJSON, contentType: "application/geo+json; charset=utf-8")
        }
        for (name, contentType) in Self.vendored {
            let path = "\(configuration.leafletDirectory)/\(name)"
            guard let data = try? Data(contentsOf: URL(filePath: path)) else { continue }
            assets["/assets/vendor/\(name)"] = Self.asset(Array(data), contentType: contentType, isVendored: true)
        }
        routes = Dictionary(
            uniqueKeysWithValues: assets.map { path, asset in
                (path, Route(path, get: { Self.answer(asset, $0.request) }))
            })
    }

    /// Whether there is a map library to draw with.
    var hasMap: Bool { routes["/assets/vendor/leaflet.min.js"] != nil }

    /// The file at a path, or nil.
    func route(_ path: String) -> Route? { routes[path] }

    private static func answer(_ asset: Asset, _ request: Request) -> Response {
        var headers: HTTPFields = [
            .eTag: asset.entityTag, .cacheControl: asset.isVendored ? "public, max-age=86400" : "no-cache",
        ]
        if let known = request.headers[.ifNoneMatch], known.contains(asset.entityTag) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = asset.contentType
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: asset.body))
    }

    private static let javaScript = "text/javascript; charset=utf-8"
    private static let css = "text/css; charset=utf-8"

    private static let vendored = [
        ("leaflet.min.js", javaScript), ("leaflet.css", css),
        ("leaflet.markercluster.min.js", javaScript), ("MarkerCluster.css", css), ("MarkerCluster.Default.css", css),
        ("images/layers.png", "image/png"), ("images/layers-2x.png", "image/png"),
        ("images/marker-icon.png", "image/png"), ("images/marker-icon-2x.png", "image/png"),
        ("images/marker-shadow.png", "image/png"),
    ]

    private static func asset(_ bytes: [UInt8], contentType: String, isVendored: Bool = false) -> Asset {
        // FNV-1a: tells versions of a file apart; nobody gains by a collision.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01B3 }
        return Asset(
            contentType: contentType, body: ByteBuffer(bytes: bytes),
            entityTag: "\"\(String(hash, radix: 16))-\(bytes.count)\"", isVendored: isVendored)
    }
}
