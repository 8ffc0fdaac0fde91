public import IssueStorage
public import Logging
public import Metrics
public import Open311
public import ServiceLifecycle
internal import Synchronization
internal import TimeBase

/// Tells others about public changes: everything that the outbox holds, to every destination, each at its own pace.
///
/// ```
///   IssueStore ── a change and its outbox rows, in one transaction ──▶ ring() ──▶ DestinationWorker ─▶ MQTT broker
///        ▲                                                                    ├─▶ DestinationWorker ─▶ web server
///        └──────────── what became of them, as store jobs ◀───────────────────┴─▶ DestinationWorker ─▶ another city
/// ```
/// Nothing waits for it: the outbox is a table, and a destination that is slow or dead only makes its own part of it longer.
public final class Forwarder: ServiceLifecycle.Service, CustomStringConvertible {
    /// How long a delivery that is under way may take when the daemon stops.
    static let farewell = Duration.seconds(2)
    /// Between two looks at how much is queued.
    static let lookInterval = Duration.seconds(5)

    public let description = "forwarding"

    private let configuration: ForwardingConfiguration
    private let reader: IssueReader
    private let recorder: any OutboxRecorder
    private let view: PublicView
    private let nowMs: @Sendable () -> Int64
    private let metrics: any MetricsFactory
    private let logger: Logger
    private let bells: [String: Bell]
    private let boards: [String: DestinationBoard]
    private let isStopping = Atomic<Bool>(false)

    /// - Parameters:
    ///   - reader: read-only connections to the store whose outbox it is.
    ///   - view: how the public sees requests.
    ///   - nowMs: the system's clock, in milliseconds since the Unix epoch: others measure our timestamps with theirs.
    public init(
        _ configuration: ForwardingConfiguration, reader: IssueReader, recorder: any OutboxRecorder, view: PublicView,
        nowMs: @escaping @Sendable () -> Int64, metrics: any MetricsFactory, logger: Logger
    ) {
        self.configuration = configuration
        self.reader = reader
        self.recorder = recorder
        self.view = view
        self.nowMs = nowMs
        self.metrics = metrics
        self.logger = logger
        let names = configuration.destinations.map(\.outbox.name)
        bells = Dictionary(uniqueKeysWithValues: names.map { ($0, Bell()) })
        boards = Dictionary(uniqueKeysWithValues: names.map { ($0, DestinationBoard(name: $0)) })
    }

    /// How the destinations do, in the configuration's order. Cheap.
    public var statuses: [DestinationStatus] {
        configuration.destinations.compactMap { boards[$0.outbox.name]?.status }
    }

    /// Something may be due. Cheap, from any thread: a lock for each destination.
    public func ring() {
        for bell in bells.values { bell.ring() }
    }

    /// Delivers until the daemon stops. What is queued then is delivered by the next run.
    public func run() async throws {
        guard !configuration.destinations.isEmpty else {
            try? await gracefulShutdown()
            return
        }
        guard let workers = await makeWorkers() else { return }
        await withTaskGroup(of: Part.self) { group in
            for worker in workers {
                group.addTask {
                    await worker.run()
                    await worker.channel.close()
                    return .worker
                }
            }
            group.addTask {
                await self.look()
                return .worker
            }
            try? await gracefulShutdown()
            isStopping.store(true, ordering: .releasing)
            ring()
            // Who is done by then ends in order; who is not is cut off, and what he had under way may be repeated.
            group.addTask {
                try? await Task.sleep(for: Self.farewell)
                return .farewell
            }
            var left = workers.count + 1
            while left > 0, await group.next() == .worker { left -= 1 }
            group.cancelAll()
        }
    }

    private enum Part { case worker, farewell }

    // MARK: - Composition

    /// nil: told to stop before the store could be read.
    private func makeWorkers() async -> [DestinationWorker]? {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                return try await workers()
            } catch {
                logger.warning("forward.store_unreadable", metadata: ["error": "\(error)"])
                try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.lookInterval) }
            }
        }
        return nil
    }

    private func workers() async throws -> [DestinationWorker] {
        let identity = Reference(identity: try await reader.outboxIdentity())
        let standings = try await reader.outboxStandings()
        return configuration.destinations.compactMap { destination in
            let name = destination.outbox.name
            guard let standing = standings.first(where: { $0.name == name }), let bell = bells[name],
                let board = boards[name]
            else { return nil }
            var logger = logger
            logger[metadataKey: "destination"] = "\(name)"
            return DestinationWorker(
                destination: standing, channel: channel(to: destination, identity, logger), reader: reader,
                recorder: recorder, schedule: configuration.schedule, nowMs: nowMs, bell: bell, board: board,
                metrics: ForwardingMetrics(destination: name, metrics), logger: logger,
                isStopping: { [self] in isStopping.load(ordering: .acquiring) })
        }
    }

    private func channel(
        to destination: Destination, _ reference: Reference, _ logger: Logger
    ) -> any DeliveryChannel {
        let document = RequestDocument(
            reference: reference, view: view, showsEverything: destination.showsEverything)
        switch destination.target {
        case .alerts(let target):
            return AlertChannel(target, document: document, reader: reader, nowMs: nowMs, logger: logger)
        case .webhook(let target):
            return WebhookChannel(target, document: document, nowMs: nowMs)
        case .stewards(let target):
            return StewardChannel(target, document: document, reader: reader, nowMs: nowMs, logger: logger)
        case .city(let target):
            let reader = reader
            return CityChannel(
                target, document: document, recorder: recorder,
                listsRequests: { number in
                    try? await reader.outboxStandings().first { $0.number == number }?.listsRequests
                }, nowMs: nowMs)
        }
    }

    // MARK: - Counting and tidying

    /// Keeps the figures that no single delivery knows, and gives up what is too old.
    private func look() async {
        let gauges = Dictionary(
            uniqueKeysWithValues: boards.keys.map { ($0, ForwardingMetrics(destination: $0, metrics)) })
        var nextSweep = ContinuousClock.now
        while !isStopping.load(ordering: .acquiring), !Task.isCancelled {
            if let standings = try? await reader.outboxStandings() {
                for standing in standings {
                    boards[standing.name]?.update { status in
                        (status.queued, status.dead) = (standing.queued, standing.dead)
                        status.oldestQueuedAtMs = standing.oldestQueuedAtMs
                    }
                    // Commands queue things again without a word to us, and clocks are set.
                    if standing.queued > 0 { bells[standing.name]?.ring() }
                    guard let gauge = gauges[standing.name] else { continue }
                    gauge.queued.record(standing.queued)
                    gauge.deadNow.record(standing.dead)
                    gauge.oldestSeconds.record(standing.oldestQueuedAtMs.map { max(0, nowMs() - $0) / 1000 } ?? 0)
                }
            }
            if ContinuousClock.now >= nextSweep {
                nextSweep = .now + .seconds(600)
                await sweep()
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.lookInterval) }
        }
    }

    private func sweep() async {
        let now = nowMs()
        do {
            let (givenUp, removed) = try await recorder.sweepOutbox(
                queuedBeforeMs: now - configuration.givesUpAfter.milliseconds,
                deadBeforeMs: now - configuration.keepsDead.milliseconds, nowMs: now)
            guard givenUp + removed > 0 else { return }
            logger.warning(
                "forward.swept",
                metadata: ["given_up": .stringConvertible(givenUp), "removed": .stringConvertible(removed)])
        } catch {
            logger.info("forward.sweep_failed", metadata: ["error": "\(error)"])
        }
    }
}
