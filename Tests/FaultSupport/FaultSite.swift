internal import Foundation
public import Logging
public import MQTTSession
internal import Simulation
public import TestSupport

/// A real broker, a proxy before it, a data directory and a configuration that joins them; for one test.
public final class FaultSite: Sendable {
    public let broker: TestBroker
    public let proxy: FaultProxy
    /// The daemon's data directory.
    public let data: String
    public let folder: String
    private let testFolder: TestFolder
    /// The daemon's HTTP port.
    public let port: Int

    /// - Parameters:
    ///   - brokerLines: more of mosquitto.conf.
    ///   - prepareBroker: puts files into the broker's folder before it starts.
    ///   - data: another place for the data directory.
    public init(
        brokerLines: [String] = [], data: String? = nil, prepareBroker: (String) throws -> Void = { _ in }
    ) throws {
        broker = try TestBroker(lines: brokerLines, prepare: prepareBroker)
        proxy = try FaultProxy(to: broker.port)
        testFolder = try TestFolder()
        folder = testFolder.path
        self.data = data ?? "\(folder)/data"
        port = try FreePort.find()
        try configure()
    }

    // MARK: - The daemon

    /// Writes the configuration.
    ///
    /// - Parameters:
    ///   - mqtt: more keys of `mqtt`, a line each.
    ///   - host: where the broker is said to be.
    ///   - extra: more groups.
    public func configure(
        mqtt: [String] = ["keepalive: 5s", "reconnect_max: 1s"], host: String = "127.0.0.1", extra: String = ""
    ) throws {
        let text = """
            data:
              directory: \(data)
            mqtt:
              host: \(host)
              port: \(proxy.port)
              username: \(broker.username)
              password_env: BROKER_PASSWORD
            \(mqtt.map { "  \($0)" }.joined(separator: "\n"))
            http:
              port: \(port)
            \(extra)
            """
        try text.write(toFile: configuration, atomically: true, encoding: .utf8)
    }

    public var configuration: String { "\(folder)/sluice.yaml" }

    /// The daemon, not waited for.
    public func launch(
        password: String? = nil, environment: [String: String] = [:], wrapper: [String] = []
    ) throws -> SluiceProcess {
        try SluiceProcess(
            ["run", "--config", configuration],
            environment: environment.merging(["BROKER_PASSWORD": password ?? broker.password]) { mine, _ in mine },
            wrapper: wrapper)
    }

    /// The daemon, when it is ready.
    public func start(environment: [String: String] = [:], wrapper: [String] = []) async throws -> SluiceProcess {
        let daemon = try launch(environment: environment, wrapper: wrapper)
        try await daemon.becomeReady()
        return daemon
    }

    // MARK: - What it says over HTTP

    public var address: String { "http://127.0.0.1:\(port)" }

    /// What `/health/ready` answers.
    public func health() async throws -> HTTPAnswer { try await HTTPAnswer.get("\(address)/health/ready") }

    /// Waits for a health report with this status that says `text`.
    @discardableResult
    public func health(_ status: Int, saying text: String = "", within limit: Duration = .patience) async throws
        -> HTTPAnswer
    {
        try await HTTPAnswer.poll("\(address)/health/ready", within: limit) {
            $0.status == status && (text.isEmpty || $0.text.contains(text))
        }
    }

    /// The sum of a metric's samples whose line contains all of `words`.
    public func metric(_ name: String, _ words: String...) async throws -> Double {
        let text = try await HTTPAnswer.get("\(address)/metrics").text
        return text.split(separator: "\n")
            .filter { line in line.hasPrefix(name) && words.allSatisfy { line.contains($0) } }
            .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
    }

    // MARK: - Traffic

    /// Numbered readings up to the present, or to so long before it.
    public static func stream(_ count: Int, sensors: Int = 250, before span: Duration = .zero) -> NumberedStream {
        let nowMs = Int64(Date.now.timeIntervalSince1970 * 1000)
        return NumberedStream(
            count: count, sensors: sensors, seed: 1, endMs: nowMs - span.wholeNanoseconds / 1_000_000)
    }

    /// A connected publisher, which goes to the broker past the proxy.
    public func publisher() throws -> MQTTPublisher {
        var session = session(clientID: "publisher-\(UInt32.random(in: .min ... .max))")
        session.isClean = true
        let publisher = try MQTTPublisher(
            session, wallMs: { 0 }, logger: quiet)
        try publisher.connect()
        return publisher
    }

    /// What connects to the broker as its one user, past the proxy.
    public func session(clientID: String) -> SessionConfiguration {
        var session = SessionConfiguration()
        session.name = clientID
        session.host = "127.0.0.1"
        session.port = broker.port
        session.clientID = clientID
        session.username = broker.username
        session.password = broker.password
        return session
    }

    /// Publishes readings of the stream and waits until the broker has acknowledged them.
    public func publish(_ stream: NumberedStream, _ numbers: Range<Int>) throws {
        let publisher = try publisher()
        for number in numbers {
            try publisher.publish(topic: stream.topic(ofSensor: stream[number].sensor), payload: stream.payload(number))
        }
        try publisher.flush()
        publisher.close()
    }

    /// Publishes other messages and waits until the broker has acknowledged them.
    public func publish(_ messages: [(topic: String, payload: String)], retain: Bool = false) throws {
        let publisher = try publisher()
        for message in messages {
            try publisher.publish(topic: message.topic, payload: Array(message.payload.utf8), retain: retain)
        }
        try publisher.flush()
        publisher.close()
    }

    /// For sessions whose own words are of no interest.
    public var quiet: Logger { Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() } }

    // MARK: - What is stored

    public func stored() throws -> StoredStream { try StoredStream(directory: data) }

    /// Waits until so many readings are stored.
    public func stores(_ count: Int, within limit: Duration = .patience) async throws {
        let deadline = ContinuousClock.now + limit
        while true {
            let found = try stored().distinctReadingCount()
            if found >= count { return }
            guard ContinuousClock.now < deadline else {
                throw TestTimeout(
                    description: "waited \(limit) for \(count) stored readings, found \(found); delivered "
                        + "\(proxy.deliveries), acknowledged \(proxy.acknowledgements), connections \(proxy.connections)"
                )
            }
            // Looked at from outside: the database says nothing by itself.
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
