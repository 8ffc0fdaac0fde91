internal import Logging
internal import MQTTIngest
internal import MQTTSession
internal import Readings
internal import SPSCRing
internal import Synchronization
internal import Telemetry

/// Carries a source's end of its conduit from where the daemon is put together to where the source starts.
final class InletBox: Sendable {
    private let inlet: Mutex<Inlet<StreamElement, Admission>?>

    init(_ inlet: consuming Inlet<StreamElement, Admission>) { self.inlet = Mutex(inlet) }

    /// Starts a broker connection with it, once.
    func start(
        _ configuration: IngestConfiguration, routes: RouteTable, known: [(id: String, sensor: SensorIndex)],
        clock: WallClock, metrics: MetricRegistry, logger: Logger
    ) throws(SessionError) -> IngestWorker {
        guard let inlet = inlet.withLock({ $0.take() }) else { preconditionFailure("a connection is started once") }
        return try IngestWorker.start(
            configuration, routes: routes, inlet: inlet, known: known, clock: clock, metrics: metrics, logger: logger)
    }
}
