import Glibc
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
public import Logging
import NIOCore
import NIOSSL
public import ServiceLifecycle
public import Telemetry

/// The HTTP side of the daemon: Open311 GeoReport v2, the pages and what they ask for, the live stream, health and metrics.
///
/// A service for the daemon's service group. It reads through `source` and hands what is posted to the civic desk; of its own
/// it keeps open connections and nothing else.
public final class HTTPServer: ServiceLifecycle.Service {
    private let configuration: HTTPConfiguration
    private let responder: SiteResponder
    private let metrics: MetricRegistry
    private let events: EventBroadcaster
    private let logger: Logger
    private let onListening: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - site: what is shown, and where what is posted goes.
    ///   - events: what the daemon publishes to and `/api/events` reads; one for the server's life.
    ///   - metrics: where the server's own metrics go, and what `/metrics` shows.
    ///   - health: asked on every `/health` request; must not block.
    ///   - nowMs: the daemon's clock, in milliseconds since the Unix epoch: "the last 90 days" end there, and the
    ///     first page reckons by it how long ago something was.
    ///   - onListening: called once with the bound port.
    public init(
        configuration: HTTPConfiguration, site: SiteParts, events: EventBroadcaster, metrics: MetricRegistry,
        health: @escaping @Sendable () -> HealthReport, nowMs: @escaping @Sendable () -> Int64, logger: Logger,
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.metrics = metrics
        self.events = events
        self.logger = logger
        self.onListening = onListening
        let files = SiteFiles(configuration)
        if !files.hasMap {
            logger.notice("http.no_map_library", metadata: ["folder": "\(configuration.leafletDirectory)"])
        }
        let pulse = ServerPulse(health: health, metricsText: { metrics.prometheusText() })
        responder = SiteResponder(
            routes: SiteResponder.routes(
                site, configuration: configuration, events: events, pulse: pulse, nowMs: nowMs),
            files: files, configuration: configuration, metrics: metrics, nowMs: nowMs, logger: logger)
    }

    /// Serves until the service group shuts down. Live streams are ended at once, other answers get
    /// ``HTTPConfiguration/shutdownGrace``.
    ///
    /// - Throws: ``HTTPServerError`` when it can't listen, or has no certificate that it could show.
    public func run() async throws {
        let certificate = try configuration.tls.map(ServerCertificate.init)
        let application = try application(certificate)
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.serve(application) }
                group.addTask { await self.keepStreamsOpen() }
                group.addTask { await self.events.keepPace() }
                group.addTask { await self.waitForGrace() }
                if let certificate {
                    group.addTask {
                        await certificate.watch(every: self.configuration.certificateInterval, logger: self.logger)
                    }
                }
                // Whichever is first: the server has ended, or its grace has.
                while try await group.next() != nil { group.cancelAll() }
            }
        } onGracefulShutdown: {
            self.events.finish()
        }
        logger.info("http.stopped")
    }

    private func application(_ certificate: ServerCertificate?) throws -> Application<SiteResponder> {
        var quiet = logger
        // Hummingbird's own lines have no stable event names; ours say what an operator needs.
        quiet.logLevel = .error
        let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: 16 * 1024, maxHeaderListSize: 32 * 1024, maxHeaderFieldCount: 100)
        let channel = HTTP1Channel.Configuration(
            idleTimeout: TimeAmount(configuration.idleTimeout), httpDecoderConfiguration: decoder)
        let tally = AddressTally(most: configuration.mostConnectionsPerAddress, proxies: configuration.proxies)
        let counters = ConnectionMetrics(factory: metrics)
        let patience = TimeAmount(configuration.firstRequestTimeout)
        let plain = HTTPServerBuilder { responder in
            SiteChannel(
                base: HTTP1Channel(responder: responder, configuration: channel), tally: tally, patience: patience,
                metrics: counters)
        }
        return Application(
            responder: responder,
            server: try certificate.map { try .tls(plain, tlsConfiguration: $0.configuration) } ?? plain,
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                availableConnectionsDelegate: ConnectionLimit(
                    most: configuration.mostConnections, metrics: metrics)),
            onServerRunning: { [logger, configuration, onListening] channel in
                let port = channel.localAddress?.port ?? configuration.port
                logger.info(
                    "http.listening", metadata: ["host": "\(configuration.host)", "port": .stringConvertible(port)])
                onListening(port)
            },
            logger: quiet)
    }

    private func serve(_ application: Application<SiteResponder>) async throws {
        do {
            try await application.run()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw HTTPServerError.portInUse(configuration.port)
        } catch is CancellationError {
            return
        } catch {
            throw HTTPServerError.cannotListen(
                host: configuration.host, port: configuration.port, reason: "\(error)")
        }
    }

    /// Beats for as long as the server runs.
    private func keepStreamsOpen() async {
        while true {
            do { try await Task.sleep(for: configuration.heartbeat) } catch { return }
            events.beat(nowMs: responder.nowMs())
        }
    }

    private func waitForGrace() async {
        do {
            try await gracefulShutdown()
            try await Task.sleep(for: configuration.shutdownGrace)
        } catch {
            // Cancelled: the server has ended before.
        }
    }
}
