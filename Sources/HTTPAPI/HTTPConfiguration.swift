import Open311

/// Where the HTTP side listens, what it says about itself, and its limits.
public struct HTTPConfiguration: Sendable, Equatable {
    /// Address to listen on. The default is reachable from this machine only; for more set ``tls``, or put a TLS proxy in front.
    public var host = "127.0.0.1"
    /// TCP port; 0 takes any free one.
    public var port = 8311
    /// Under which certificate HTTP is served; nil: in the clear.
    public var tls: TLS?
    /// How often the certificate's files are looked at again.
    public var certificateInterval = Duration.seconds(60)
    /// Scheme, host and port under which clients reach the server, without a slash at its end. nil: as the client's
    /// `Host` header says.
    public var publicURL: String?
    /// `contact` of the discovery document: how to reach the people who run this server.
    public var contact = "The operator of this Sluice server"
    /// `jurisdiction_id` of this server's one city; nil: whatever clients name is ignored.
    public var jurisdiction: String?
    /// `type` of the discovery document: production, or test.
    public var isProduction = true
    /// Folder that holds Leaflet and its marker clusters (Debian: libjs-leaflet, libjs-leaflet.markercluster). Without
    /// it the first page has no map.
    public var leafletDirectory = "/usr/share/javascript/leaflet"
    /// Folder that holds Chart.js (Debian: libjs-chart.js). Without it the pages have tables and no charts.
    public var chartDirectory = "/usr/share/javascript/chart.js"
    /// The pages' own files are read from this folder at each request instead of from the executable: while editing them.
    public var assetsDirectory: String?
    /// Address of map tiles with `{z}`, `{x}` and `{y}`, and what their makers want to be said. nil: the wards are the ground.
    public var tiles: Tiles?
    /// More layers of the map: a name for people, and GeoJSON.
    public var layers: [Layer] = []
    /// The wards' outlines for the map, GeoJSON; a top-level `attribution` is shown on the map. Empty: none.
    public var wardsGeoJSON: [UInt8] = []
    /// IANA name of the zone whose clock the requests' sentences tell; nil: not told.
    public var timeZone: String?
    /// A key that the page gives to everybody, to report with; nil: none.
    public var publicKey: String?
    /// Connections at a time; more wait in the system's accept queue.
    public var mostConnections = 512
    /// Of these from one address (of IPv6, one network of 64 bits); what is more is answered 429 and closed. Holds neither for
    /// this machine nor for ``proxies``.
    public var mostConnectionsPerAddress = 128
    /// Live event streams at a time; more are answered 503.
    public var mostEventStreams = 256
    /// Sendings of events, four a second at most, that are kept for a slow reader of the live stream before the oldest are
    /// dropped.
    public var eventBuffer = 256
    /// A connection without a request for so long is closed, also one whose request doesn't end.
    public var idleTimeout = Duration.seconds(60)
    /// A connection whose first request's head is not there by then is closed; one that has begun is answered 408.
    public var firstRequestTimeout = Duration.seconds(10)
    /// A body that takes longer is answered 408.
    public var bodyTimeout = Duration.seconds(30)
    /// Bytes of bodies that are read at a time, all together; what comes beyond that is answered 429.
    public var uploadRoom = 4 * SubmittedForm.mostBytes
    /// Who takes nothing of an export for so long is cut off, for others wait for its place.
    public var readerPatience = Duration.seconds(60)
    /// Addresses of our own proxies. What one of these adds to `X-Forwarded-For` is the caller's address, which wrong keys
    /// lock out; from anybody else that header means nothing.
    public var proxies: Set<String> = []
    /// Between `clock` events, which keep a live stream open through proxies.
    public var heartbeat = Duration.seconds(15)
    /// How long answers that are under way may take once shutdown has begun.
    public var shutdownGrace = Duration.milliseconds(1500)

    public init() {}

    /// A certificate with those that it rests on, and its private key without a passphrase; paths of PEM files.
    public struct TLS: Sendable, Equatable {
        public var certificateFile: String
        public var keyFile: String
        public init(certificateFile: String, keyFile: String) {
            (self.certificateFile, self.keyFile) = (certificateFile, keyFile)
        }

        /// Reads both files as a start would, and sees that they belong together.
        ///
        /// - Throws: ``HTTPServerError/certificate(file:reason:)``.
        public func check() throws { try ServerCertificate.check(self) }
    }

    /// Map tiles from another server.
    public struct Tiles: Sendable, Equatable {
        public var url: String
        public var credit: String
        public init(url: String, credit: String) { (self.url, self.credit) = (url, credit) }
    }

    /// One more layer of the map.
    public struct Layer: Sendable, Equatable {
        public var name: String
        public var geoJSON: [UInt8]
        public init(name: String, geoJSON: [UInt8]) { (self.name, self.geoJSON) = (name, geoJSON) }
    }

    /// Every problem, each starting with its key.
    public func problems() -> [String] {
        var found: [String] = []
        if host.isEmpty { found.append("http.host: must be an address or a name, is empty") }
        if !(0...65_535).contains(port) { found.append("http.port: must be 0–65535, found \(port)") }
        if let publicURL, !Self.isBaseURL(publicURL) {
            found.append(
                "http.public_url: must be like https://sluice.example.org without a slash at its end, "
                    + "found \(publicURL)")
        }
        if let tiles, SiteFiles.origin(of: tiles.url) == nil || !tiles.url.contains("{z}") {
            found.append(
                "http.tiles_url: must be like https://tiles.example.org/{z}/{x}/{y}.png, found \(tiles.url)")
        }
        for (key, value) in [
            ("max_connections", mostConnections), ("max_connections_per_address", mostConnectionsPerAddress),
            ("max_event_streams", mostEventStreams), ("event_buffer", eventBuffer),
        ] where value < 1 {
            found.append("http.\(key): must be at least 1, found \(value)")
        }
        return found
    }

    private static func isBaseURL(_ text: String) -> Bool {
        for scheme in ["http://", "https://"] where text.hasPrefix(scheme) {
            let parts = text.dropFirst(scheme.count).split(separator: "/", omittingEmptySubsequences: false)
            return Authority(String(parts[0])) != nil && !parts.contains("")
                && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        }
        return false
    }
}
