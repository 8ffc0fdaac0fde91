import Foundation
import Logging
import MQTTSession
import Simulation
import TestSupport

/// A mosquitto that keeps a journal, in a folder that goes with it.
final class JournalBroker: Sendable {
    let broker: LocalBroker
    private let folder: TestFolder

    /// - Parameters:
    ///   - options: the plugin's, without their prefix.
    ///   - launcher: what starts mosquitto.
    init(
        _ options: [(name: String, value: String)] = [], folder: TestFolder? = nil, launcher: [String] = []
    ) throws {
        let folder = try folder ?? TestFolder()
        self.folder = folder
        guard var plugin = JournalPlugin.built() else { throw MissingPlugin() }
        plugin.options = options
        var configuration = LocalBroker.Configuration(users: ["tester": "secret"])
        configuration.journal = plugin
        configuration.launcher = launcher
        configuration.lines = ["log_type all"]
        broker = try LocalBroker.start(in: folder.path, configuration)
    }

    struct MissingPlugin: Error, CustomStringConvertible {
        var description: String {
            "no libSluiceJournal.so beside the tests: install mosquitto-dev, then "
                + "swift build -c release --product SluiceJournal"
        }
    }

    var journal: String { broker.journal }
    var log: String { (try? String(contentsOfFile: broker.logFile, encoding: .utf8)) ?? "" }

    /// The segments' names, in order.
    func segments() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: journal).filter { $0.hasSuffix(".journal") }.sorted()
    }

    func session(_ clientID: String, version: SessionConfiguration.ProtocolVersion = .v5) -> SessionConfiguration {
        var session = SessionConfiguration()
        session.host = "127.0.0.1"
        session.port = broker.port
        session.clientID = clientID
        session.isClean = true
        session.version = version
        (session.username, session.password) = ("tester", "secret")
        session.reconnectMs = 20...100
        return session
    }

    func publisher(
        _ clientID: String = "sender", window: Int = 100, version: SessionConfiguration.ProtocolVersion = .v5
    ) throws -> MQTTPublisher {
        let publisher = try MQTTPublisher(
            session(clientID, version: version), window: window, wallMs: { 0 },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try publisher.connect()
        return publisher
    }
}

extension MQTTPublisher {
    /// Publishes each text on its topic and waits for the acknowledgements.
    func send(_ texts: [String], to topic: String = "t/x", qos: QoS = .atLeastOnce, retain: Bool = false) throws {
        for text in texts { try publish(topic: topic, payload: Array(text.utf8), qos: qos, retain: retain) }
        try flush()
    }
}
