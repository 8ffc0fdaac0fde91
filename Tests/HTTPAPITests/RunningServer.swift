import HTTPAPI
import IssueStorage
import Logging
import Open311
import ServiceLifecycle
import Telemetry
import Testing

/// A server on a free port, run as the daemon runs it.
struct RunningServer: Sendable {
    let port: Int
    let events: EventBroadcaster
    let metrics: MetricRegistry
    private let group: ServiceGroup

    func shutDown() async { await group.triggerGracefulShutdown() }

    /// Runs `body` against a server, then shuts it down gracefully.
    static func with<Result: Sendable>(
        _ source: any RequestSource = SampleSource.five, pages: (any PageSource)? = nil,
        view: PublicView = .standard, desk: (any CivicDesk)? = nil, store: IssueReader? = nil,
        goals: [Goal] = Goal.standard, health: HealthReport = HealthReport(checks: []),
        configure: (inout HTTPConfiguration) -> Void = { _ in },
        _ body: @Sendable (RunningServer) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPConfiguration()
        configuration.port = 0
        configure(&configuration)
        let metrics = MetricRegistry()
        let events = EventBroadcaster(
            capacity: configuration.eventBuffer, mostListeners: configuration.mostEventStreams, metrics: metrics)
        let (ports, bound) = AsyncStream.makeStream(of: Int.self)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let server = HTTPServer(
            configuration: configuration,
            site: SiteParts(source: source, pages: pages, view: view, desk: desk, store: store, goals: { goals }),
            events: events, metrics: metrics,
            health: { health },
            nowMs: { nowMs }, logger: logger, onListening: { bound.yield($0) })
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)], logger: logger
            ))
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { bound.finish() }
                try await group.run()
            }
            var iterator = ports.makeAsyncIterator()
            guard let port = await iterator.next() else {
                try await tasks.waitForAll()
                throw HTTPServerError.cannotListen(host: configuration.host, port: 0, reason: "ended early")
            }
            let running = RunningServer(port: port, events: events, metrics: metrics, group: group)
            do {
                let result = try await body(running)
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
                return result
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
        }
    }
}
