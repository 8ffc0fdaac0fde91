internal import Detection
internal import Forwarding
internal import Foundation
internal import HTTPAPI
internal import Incidents
internal import IssueStorage
internal import Logging
internal import MQTTIngest
internal import MQTTSession
internal import Pipeline
internal import Readings
internal import ServiceLifecycle
internal import Synchronization
internal import Telemetry
internal import Settings

/// The whole daemon, put together: what `sluice run` runs, and `sluice demo` with another clock.
///
/// ```
///   brokers ──▶ IngestWorker ─┐                       ┌─▶ IssueReader ─▶ HTTPServer
///   brokers ──▶ IngestWorker ─┼─▶ PipelineWorker ─▶ IssueStore
///   clock ────▶ Ticker ───────┘                       ├─▶ Forwarder ─▶ brokers, web servers, other cities
///                                                     └─▶ DecisionFeed ─▶ DecisionLog, EventBroadcaster
/// ```
/// Services stop in reverse order: first nothing new comes in, then what has come in is committed and acknowledged, and
/// last the decisions that it led to are told.
struct SluiceDaemon: Sendable {
    let configuration: Configuration
    /// Sensors known in another way than by `sensors.file`.
    let registry: [Sensor]
    let clock: WallClock
    let logger: Logger
    let metrics: MetricRegistry
    /// The wards' outlines for the map, when they don't come from `http.wards_file`.
    let wards: [UInt8]

    init(
        configuration: Configuration, registry: [Sensor] = [], wards: [UInt8] = [], clock: WallClock,
        metrics: MetricRegistry, logger: Logger
    ) {
        self.configuration = configuration
        self.registry = registry
        self.wards = wards
        self.clock = clock
        self.metrics = metrics
        self.logger = logger
    }

    /// Runs until `stop` is raised or a part can't go on.
    ///
    /// - Parameters:
    ///   - stop: raised by whoever sees the signals.
    ///   - reload: where a changed configuration comes from; nil: it never changes.
    ///   - notifier: tells systemd that the data path goes round.
    ///   - companions: services that live and stop with the daemon, before everything else of it stops.
    ///   - onReady: called once with the bound HTTP port, when pages and commands can be asked.
    func run(
        stop: StopFlag, reload: ReloadSource? = nil, notifier: SystemdNotifier = SystemdNotifier(environment: [:]),
        companions: [any Service] = [], onReady: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws {
        let core = try await offPool("sluice-recover") {
            let core = try Core(
                configuration, registry: registry, rules: reload?.loaded.ruleSet, clock: clock, stop: stop,
                metrics: metrics, logger: logger)
            // Before anything more is written: what is written from here on is told.
            try core.store.configureOutbox(
                configuration.forwarding.outboxDestinations, nowMs: WallClock.system.nowMs())
            return core
        }
        let tape = configuration.log.keepTape(in: configuration.storage.directory, logger: logger)
        let eventLog = EventLog(directory: configuration.storage.directory, tape: tape, clock: clock)
        MetricCatalog.describe(in: metrics)
        let feed = DecisionFeed()
        var settings = try configuration.httpConfiguration(wards: wards)
        let live = LiveValue(Live(configuration: configuration, mountings: core.mountings))
        var civic = try await CivicParts(
            configuration, core: core, live: live, wards: settings.wardsGeoJSON, clock: clock, logger: logger)
        let events = EventBroadcaster(
            capacity: settings.eventBuffer, mostListeners: settings.mostEventStreams,
            view: civic.view, metrics: metrics)
        let connections = BrokerConnections()
        let ruleNews = RuleNews()
        let routes = configuration.routeTable
        let environment = ProcessInfo.processInfo.environment
        let memory = SubscriptionMemory(directory: configuration.storage.directory)
        let brokers = try configuration.ingestConfigurations(environment: environment).map { settings in
            var settings = settings
            let session = settings.session
            settings.canaryInterval = configuration.operations.canary > .zero ? configuration.operations.canary : nil
            settings.watchesBroker = configuration.operations.watchesBroker
            settings.session.formerFilters = try memory.remember(
                routes.filters + settings.optionalFilters, of: session.memoryName)
            return BrokerService(
                configuration: settings, routes: routes, core: core, connections: connections, clock: clock,
                metrics: metrics, logger: logger)
        }
        let zoneName = configuration.time.zone ?? SystemZones.current(environment: environment)
        settings.timeZone = zoneName
        let evidence = EvidenceParts(
            source: core.reader, zone: try ZoneFiles.load(zoneName), zoneName: zoneName)
        let forwarder = Forwarder(
            try configuration.forwardingConfiguration(environment: environment), reader: core.reader,
            recorder: core.store, view: configuration.forwardedView(civic.disclosure),
            nowMs: { WallClock.system.nowMs() }, metrics: metrics, logger: logger)
        civic.commands.addOutbox(core.store, clock: .system) { forwarder.ring() }
        civic.commands.addSensorImport(
            directory: configuration.storage.directory, most: { live.value.configuration.sensors.max }
        ) {
            try await reload?.bell.registryHasChanged()
            return reload != nil
        }
        let lagMax = configuration.operations.lagMax
        let threads = { @Sendable in
            WatchedThread.dataPath(core, connections, watchdog: notifier.watchdogInterval)
        }
        let health: @Sendable () -> HealthReport = {
            DaemonHealth(
                core: core, connections: connections, threads: threads(), destinations: forwarder.statuses,
                lagMax: lagMax
            ).report
        }
        let board = OperationsBoard(
            core: core, connections: connections, metrics: metrics, clock: clock, health: health)
        DaemonGauges(connections: connections, tape: tape, metrics: metrics).register()
        let readiness = Readiness(onReady)
        let (deskKeeper, photoKeeper, localServer) = civic.services(
            configuration, log: eventLog, board: board, logger: logger, onSocketOpen: { readiness.socketIsOpen() })
        let decided = DecisionCounters(factory: metrics)
        let server = HTTPServer(
            configuration: settings,
            site: SiteParts(
                source: core.reader, pages: core.reader, view: civic.view, desk: civic.desk, assets: core.reader,
                evidence: evidence, store: core.reader, goals: { live.value.configuration.goals },
                isLookedFor: { live.value.configuration.rules[$0].isEnabled },
                log: tape == nil ? nil : eventLog, figures: { try await board.document() }),
            events: events, metrics: metrics,
            health: health,
            nowMs: { clock.nowMs() },
            logger: logger, onListening: { readiness.pagesAreServed(on: $0) })
        let told = civic
        let storage = ThreadService(
            "store",
            start: {
                core.startStore { batch in
                    decided.count(batch.decisions)
                    Self.tell(batch, feed: feed, events: events, civic: told)
                    for change in batch.ruleChanges {
                        Self.report(change, logger)
                        ruleNews.tell(change)
                    }
                    if !batch.updates.isEmpty { forwarder.ring() }
                }
            },
            stop: {
                core.stopStore()
                feed.finish()
            })
        let pipeline = ThreadService("pipeline", start: { core.pipeline.start() }, stop: { core.pipeline.stop() })
        var services: [any Service] = [DecisionLog(feed: feed, logger: logger), storage, forwarder, pipeline]
        services += brokers
        services += [deskKeeper, photoKeeper]
        services.append(localServer)
        services.append(server)
        services += companions
        services.append(Ticker(clock: clock, mailbox: core.pipeline.mailbox))
        services.append(Watchdog(notifier: notifier, threads: threads, logger: logger))
        if let reload {
            let parts = Reloader.Parts(
                core: core, registry: registry, connections: connections, memory: memory, live: live,
                news: ruleNews, reloadKeys: civic.reloadKeys, clock: clock, logger: logger)
            services.append(Reloader(reload, parts: parts))
        }
        services.append(StopService(stop: stop))
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map {
                    // Also when a part fails the others stop in order: what has come in is committed and told.
                    .init(
                        service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup)
                }, logger: logger.quiet))
        try await group.run()
    }

    /// Says which rules hold now.
    private static func report(_ change: RuleChange, _ logger: Logger) {
        var metadata: Logger.Metadata = [
            "rules": "\(change.hash)", "sensors_kept": .stringConvertible(change.sensorsKept),
            "sensors_afresh": .stringConvertible(change.sensorsAfresh),
        ]
        if let reason = change.firstReason { metadata["first_reason"] = "\(reason)" }
        logger.notice("rules.changed", metadata: metadata)
    }

    /// After a commit, on the store thread: hands what people should hear to those who tell them.
    private static func tell(
        _ batch: CommittedBatch, feed: DecisionFeed, events: EventBroadcaster, civic: CivicParts
    ) {
        civic.desk.underWay.tell(batch.answers)
        civic.quarantine.underWay.tell(batch.retried)
        feed.publish(batch)
        for decision in batch.decisions {
            guard let live = CivicParts.live(decision, civic.disclosure) else { continue }
            events.publish(.decision(live))
        }
        for request in batch.requests { events.publish(.request(request)) }
    }
}

extension LiveDecision {
    /// The decision as the live stream tells it.
    init(_ decision: Decision) {
        self.init(
            event: decision.event.rawValue, atMs: decision.atMs, sensorID: decision.sensorID,
            rule: decision.rule?.name, requestID: decision.requestID, reason: decision.reason)
    }
}

extension Logger {
    /// For libraries whose own lines have no stable event names.
    var quiet: Logger {
        var copy = self
        copy.logLevel = .error
        return copy
    }
}
