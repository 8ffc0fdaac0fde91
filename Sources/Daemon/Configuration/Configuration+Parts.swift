internal import Foundation
package import HTTPAPI
package import IssueStorage
package import MQTTIngest
package import MQTTSession
package import Readings
package import Settings

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
            guard let path = layer.file else { continue }
            let bytes = try Self.file("http.layers", path) { path throws(MapFile.Unfit) in try MapFile.layer(path) }
            let name = layer.name.isEmpty ? URL(filePath: path).deletingPathExtension().lastPathComponent : layer.name
            settings.layers.append(HTTPConfiguration.Layer(name: name, geoJSON: bytes))
        }
        settings.isProduction = !http.isDemo
        settings.publicKey = http.publicKey
        settings.proxies = Set(http.proxies ?? [])
        if http.isDemo { settings.heartbeat = .seconds(2) }
        settings.wardsGeoJSON = wards
        guard wards.isEmpty, let path = http.wardsFile else { return settings }
        settings.wardsGeoJSON = try Self.file("http.wards_file", path) { path throws(MapFile.Unfit) in
            try MapFile.outlines(path).bytes
        }
        return settings
    }

    /// What a file of the map holds, or the key that names it as the problem.
    private static func file(
        _ key: String, _ path: String, read: (String) throws(MapFile.Unfit) -> [UInt8]
    ) throws(ConfigurationProblems) -> [UInt8] {
        do throws(MapFile.Unfit) {
            return try read(path)
        } catch {
            let problem = ConfigurationProblem(place: .standard, key: key, sentence: error.sentence)
            throw ConfigurationProblems(source: path, problems: [problem])
        }
    }
}

extension Configuration.Storage {
    /// How the store keeps what it is given.
    package var store: StoreConfiguration {
        var store = StoreConfiguration()
        store.durability =
            switch durability {
            case .power: .power
            case .crash: .crash
            }
        store.history = history
        (store.maximumBytes, store.reserveBytes) = (maximumBytes, reserveBytes)
        (store.quarantineMessages, store.quarantineBytes) = (quarantineMessages, quarantineBytes)
        return store
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
