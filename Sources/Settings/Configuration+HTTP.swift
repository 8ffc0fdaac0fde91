package import Logging
package import Telemetry

extension Configuration {
    /// The web server. Keys `http.…`.
    package struct HTTP: Sendable, Equatable {
        /// Address to listen on. Key `http.host`. `0.0.0.0` or `::` opens it to the network.
        package var host = "127.0.0.1"
        /// TCP port; 0 takes any free one. Key `http.port`.
        package var port = 8311
        /// Under which certificate it is served. Key `http.tls`. Nil: in the clear, for this machine or behind a proxy.
        package var tls: Certificate?
        /// Address under which others reach it, for links. Key `http.public_url`. Nil: made from host and port.
        package var publicURL: String?
        /// Whom to ask about this server, in GeoReport's discovery document. Key `http.contact`. Nil: says that nobody is named.
        package var contact: String?
        /// The city's `jurisdiction_id`. Key `http.jurisdiction`. Nil: whatever clients name is ignored.
        package var jurisdiction: String?
        /// Folder that holds Leaflet and Chart.js as Debian installs them. Key `http.javascript_directory`.
        package var javascriptDirectory = "/usr/share/javascript"
        /// Outlines of wards for the map, GeoJSON. Key `http.wards_file`.
        package var wardsFile: String?
        /// Address of map tiles with `{z}`, `{x}`, `{y}`. Key `http.tiles_url`. Nil: the wards are the ground.
        package var tilesURL: String?
        /// What the makers of the tiles want to be said. Key `http.tiles_credit`.
        package var tilesCredit: String?
        /// More layers of the map. Key `http.layers`.
        package var layers: [Layer] = []
        /// Folder that the pages' files are read from while somebody edits them. Key `http.assets_directory`.
        package var assetsDirectory: String?
        /// Who may post. Key `http.writing`.
        package var writing = Writing.keys
        /// A key that the page gives to everybody, to report with. Key `http.public_key`. Nil: the page can't report.
        package var publicKey: String?
        /// Addresses of our own proxies, whose `X-Forwarded-For` is believed. Key `http.proxies`. Wrong keys lock out
        /// addresses: behind a proxy that is not named here, everyone at once.
        package var proxies: [String]?
        /// A made-up city on a fast clock: its server calls itself a test and tells its clock often. No key.
        package var isDemo = false

        static let keys: [Key<Self>] = [
            .scalar("host", \.host, .host),
            .scalar("port", \.port, .integer(0...65_535)),
            .optionalGroup("tls", \.tls, Certificate.keys) { Certificate() },
            .optional("public_url", \.publicURL, .url),
            .optional("contact", \.contact, .text),
            .optional("jurisdiction", \.jurisdiction, .text),
            .optional("proxies", \.proxies, .addresses),
            .path("javascript_directory", \.javascriptDirectory, existing: .folder),
            .optionalPath("wards_file", \.wardsFile, existing: .file),
            .optional("tiles_url", \.tilesURL, .text),
            .optional("tiles_credit", \.tilesCredit, .text),
            .list("layers", \.layers, Layer.keys) { Layer() },
            .optionalPath("assets_directory", \.assetsDirectory, existing: .folder),
            .scalar("writing", \.writing, .word(Writing.allCases) { $0.rawValue }),
            .optional("public_key", \.publicKey, .apiKey),
        ]

        /// PEM files: the certificate with those that it rests on, and its key without a passphrase.
        package struct Certificate: Sendable, Equatable {
            package var certificateFile: String?
            package var keyFile: String?

            static let keys: [Key<Self>] = [
                .optionalPath("certificate_file", \.certificateFile, existing: .file),
                .optionalPath("key_file", \.keyFile, existing: .file),
            ]
        }

        /// One layer: `name` for people, `file` with its GeoJSON.
        package struct Layer: Sendable, Equatable {
            package var name = ""
            package var file: String?

            static let keys: [Key<Self>] = [
                .scalar("name", \.name, .text),
                .optionalPath("file", \.file, existing: .file),
            ]
        }
    }

    /// Logs. Keys `log.…`.
    package struct Log: Sendable, Equatable {
        /// What is worth a line. Key `log.level`.
        package var level = Logger.Level.info
        /// Key `log.format`.
        package var format = LogFormat.auto
        /// About how many bytes of events are kept for `sluice tail`; 0: none. Key `log.history`.
        package var history = 64 << 20

        static let keys: [Key<Self>] = [
            .scalar("level", \.level, .word(Logger.Level.allCases) { $0.rawValue }),
            .scalar("format", \.format, .word(LogFormat.allCases) { $0.rawValue }),
            .scalar("history", \.history, .bytes(1 << 20...1 << 34, orZero: true)),
        ]
    }
}
