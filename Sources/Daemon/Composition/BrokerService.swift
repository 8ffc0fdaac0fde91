internal import Logging
internal import MQTTIngest
internal import MQTTSession
internal import Readings
internal import SPSCRing
internal import ServiceLifecycle
internal import Synchronization
internal import Telemetry

/// One broker connection as a member of the service group.
struct BrokerService: Service, CustomStringConvertible {
    let configuration: IngestConfiguration
    let routes: RouteTable
    /// The source's end of its conduit, until the connection starts.
    let inlet: Handoff<Inlet<StreamElement, Admission>>
    let known: [(id: String, sensor: SensorIndex)]
    let edgeNodes: [EdgeNodeID]
    let mountings: Mountings
    let journalPositions: [JournalPosition]
    let connections: BrokerConnections
    let clock: WallClock
    let metrics: MetricRegistry
    let logger: Logger

    /// Takes a source of `core`, which must not have been started.
    init(
        configuration: IngestConfiguration, routes: RouteTable, core: Core, connections: BrokerConnections,
        clock: WallClock, metrics: MetricRegistry, logger: Logger
    ) {
        self.configuration = configuration
        self.routes = routes
        inlet = Handoff(core.addSource())
        (known, edgeNodes) = (core.knownSensors, core.edgeNodes)
        (mountings, journalPositions) = (core.mountings, core.journalPositions)
        self.connections = connections
        self.clock = clock
        self.metrics = metrics
        self.logger = logger
    }

    var description: String { "broker \(configuration.session.name)" }

    func run() async throws {
        guard let inlet = inlet.take() else { preconditionFailure("a connection is started once") }
        let worker = try IngestWorker.start(
            configuration, routes: routes, inlet: inlet, known: known, edgeNodes: edgeNodes, mountings: mountings,
            journalPositions: journalPositions, clock: clock, metrics: metrics, logger: logger)
        connections.add(configuration.session.name, worker)
        try? await gracefulShutdown()
        worker.stop()
        await worker.finished()
    }
}

/// The broker connections that run, for health checks.
final class BrokerConnections: Sendable {
    private let workers = Mutex<[(name: String, worker: IngestWorker)]>([])

    func add(_ name: String, _ worker: IngestWorker) { workers.withLock { $0.append((name, worker)) } }

    /// Has all of them read by other routes.
    func change(routes: RouteTable, mountings: Mountings) {
        for (_, worker) in workers.withLock({ $0 }) { worker.change(routes: routes, mountings: mountings) }
    }

    /// Each connection's name and when its thread last went round.
    var pulses: [(name: String, pulse: ThreadPulse)] { workers.withLock { $0 }.map { ($0.name, $0.worker.pulse) } }

    /// Each connection's name and state, in order of starting.
    var statuses: [(name: String, status: ConnectionStatus)] {
        workers.withLock { $0 }.map { ($0.name, $0.worker.status) }
    }
}
