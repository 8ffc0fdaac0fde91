import Logging
import MQTTIngest
import MQTTSession
import Metrics
import Readings
import TestSupport

extension TestBroker {
    func session(_ clientID: String, version: SessionConfiguration.ProtocolVersion = .v5) -> SessionConfiguration {
        var configuration = SessionConfiguration()
        configuration.host = "127.0.0.1"
        configuration.port = port
        configuration.clientID = clientID
        configuration.username = username
        configuration.password = password
        configuration.version = version
        return configuration
    }

    /// A worker that reads `sluice/{kind}/{sensor}` into `probe`.
    func worker(
        _ probe: IngestProbe, version: SessionConfiguration.ProtocolVersion = .v5, clientID: String = "ingest",
        known: [(id: String, sensor: SensorIndex)] = [], routes: [Route] = [.standard],
        journalPositions: [JournalPosition] = [],
        change: (inout IngestConfiguration) -> Void = { _ in }
    ) throws -> IngestWorker {
        var configuration = IngestConfiguration(session: session(clientID, version: version))
        change(&configuration)
        return try IngestWorker.start(
            configuration, routes: RouteTable(routes), inlet: probe.takeInlet(), known: known,
            journalPositions: journalPositions, clock: WallClock { 1_777_600_000_000 },
            metrics: NOOPMetricsHandler.instance, logger: quiet)
    }

    func publisher(window: Int = 500) throws -> MQTTPublisher {
        let publisher = try MQTTPublisher(session("publisher"), window: window, wallMs: { 0 }, logger: quiet)
        try publisher.connect()
        return publisher
    }

    /// PUBACKs that the broker has had from the worker.
    func acknowledged(by clientID: String = "ingest") -> Int { logCount("Received PUBACK from \(clientID)") }
}

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

extension MQTTPublisher {
    /// Publishes `values` as readings of one bin.
    func send(_ values: Range<Int>, sensor: String = "bin-1", qos: QoS = .atLeastOnce) throws {
        for value in values {
            try publish(
                topic: "sluice/bin-fill/\(sensor)", payload: Array(#"{"value":\#(value % 101),"seq":\#(value)}"#.utf8),
                qos: qos)
        }
        try flush()
    }
}

extension IngestProbe.Seen {
    /// The frame counters, which count what ``MQTTPublisher/send(_:sensor:)`` sent.
    var counters: [Int] { readings.map { Int($0.counter) } }

    /// Whether each of `range` came once and in order. (Thousands of numbers in a failure help nobody.)
    func isExactly(_ range: Range<Int>) -> Bool { counters == Array(range) }
}
