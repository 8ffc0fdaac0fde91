internal import Foundation
package import HTTPAPI
package import MQTTIngest
package import MQTTSession
package import Readings

// What the daemon's parts need of the configuration, in their own types.

extension Configuration {
    /// The routes, in the order in which they are tried.
    package var routeTable: RouteTable { RouteTable(routes.map(\.route)) }

    /// One session for each broker, in order, with passwords read now.
    ///
    /// - Throws: every password that can't be read.
    package func sessions(environment: [String: String]) throws(ConfigurationProblems) -> [SessionConfiguration] {
        var problems: [ConfigurationProblem] = []
        let sessions = mqtt.brokers.map { broker in
            var session = broker.session(reconnectMax: mqtt.reconnectMax)
            do throws(PasswordSource.Failure) {
                session.password = try broker.password?.read(environment: environment).reveal()
            } catch {
                let key = "password of \(broker.name)"
                problems.append(ConfigurationProblem(place: .standard, key: key, sentence: error.description))
            }
            return session
        }
        guard problems.isEmpty else { throw ConfigurationProblems(source: "mqtt", problems: problems) }
        return sessions
    }

    /// One source of readings for each broker, in order, with passwords read now.
    ///
    /// - Throws: every password that can't be read.
    package func ingestConfigurations(
        environment: [String: String]
    ) throws(ConfigurationProblems) -> [IngestConfiguration] {
        zip(try sessions(environment: environment), mqtt.brokers).map { session, broker in
            var ingest = IngestConfiguration(session: session)
            ingest.sparkplug = broker.sparkplug
            ingest.journal = broker.journal.map { URL(filePath: $0).standardizedFileURL.path }
            return ingest
        }
    }

    /// The web server, with the wards' outlines read now.
    ///
    /// - Parameter wards: outlines that are had in another way than by `http.wards_file`.
    /// - Throws: what is wrong with that file.
    package func httpConfiguration(wards: [UInt8] = []) throws(ConfigurationProblems) -> HTTPConfiguration {
        var settings = HTTPConfiguration()
        settings.host = http.host
        settings.mostConnections = min(settings.mostConnections, OpenFiles.sparesForCallers)
        settings.port = http.port
        settings.publicURL = http.publicURL.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        if let certificate = http.tls?.certificateFile, let key = http.tls?.keyFile {
            settings.tls = HTTPConfiguration.TLS(certificateFile: certificate, keyFile: key)
        }
        if let contact = http.contact { settings.contact = contact }
        settings.jurisdiction = http.jurisdiction
        settings.leafletDirectory = "\(http.javascriptDirectory)/leaflet"
        settings.chartDirectory = "\(http.javascriptDirectory)/chart.js"
        settings.assetsDirectory = http.assetsDirectory
        settings.tiles = http.tilesURL.map { HTTPConfiguration.Tiles(url: $0, credit: http.tilesCredit ?? "") }
        for layer in http.layers {
            if let layer = try Self.layer(layer) { settings.layers.append(layer) }
        }
        settings.isProduction = !http.isDemo
        settings.publicKey = http.publicKey
        settings.proxies = Set(http.proxies ?? [])
        if http.isDemo { settings.heartbeat = .seconds(2) }
        settings.wardsGeoJSON = wards
        guard wards.isEmpty, let path = http.wardsFile else { return settings }
        settings.wardsGeoJSON = try Self.outlines(path)
        return settings
    }

    /// A layer as it will be served; what is no text is refused, what its objects mean is the map's to see.
    private static func layer(
        _ layer: Configuration.HTTP.Layer
    ) throws(ConfigurationProblems) -> HTTPConfiguration.Layer? {
        guard let path = layer.file else { return nil }
        guard let data = FileManager.default.contents(atPath: path),
            data.first(where: { $0 > 0x20 }) == UInt8(ascii: "{")
        else {
            let problem = ConfigurationProblem(
                place: .standard, key: "http.layers", sentence: "must name GeoJSON files; \(path) is none")
            throw ConfigurationProblems(source: path, problems: [problem])
        }
        let name = layer.name.isEmpty ? URL(filePath: path).deletingPathExtension().lastPathComponent : layer.name
        return HTTPConfiguration.Layer(name: name, geoJSON: [UInt8](data))
    }

    private static func outlines(_ path: String) throws(ConfigurationProblems) -> [UInt8] {
        let sentence: String
        if let data = FileManager.default.contents(atPath: path) {
            let bytes = [UInt8](data)
            do throws(WardMap.GeoJSONError) {
                _ = try WardMap(geoJSON: bytes.span)
                return bytes
            } catch {
                sentence = "must be GeoJSON outlines of wards; \(error)"
            }
        } else {
            sentence = "can't be read"
        }
        let problem = ConfigurationProblem(place: .standard, key: "http.wards_file", sentence: sentence)
        throw ConfigurationProblems(source: path, problems: [problem])
    }
}

extension Configuration.Broker {
    /// Everything but the password.
    func session(reconnectMax: Duration) -> SessionConfiguration {
        var session = SessionConfiguration()
        session.name = name
        session.host = host
        session.port = port
        session.clientID = clientID
        session.username = username
        session.version = version
        session.keepaliveS = Int(keepalive.components.seconds)
        session.receiveMaximum = receiveMaximum
        session.reconnectMs = session.reconnectMs.lowerBound...Int(reconnectMax.components.seconds) * 1000
        if let tls {
            var settings = TLSConfiguration(caFile: tls.caFile)
            settings.certificateFile = tls.certificateFile
            settings.keyFile = tls.keyFile
            settings.verifiesName = !tls.isInsecure
            settings.minimum = tls.minimum
            session.tls = settings
        }
        return session
    }
}
