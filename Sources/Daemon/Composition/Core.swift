internal import CPlatform
internal import Incidents
internal import IssueStorage
internal import Logging
internal import Metrics
internal import Pipeline
internal import Readings
internal import SPSCRing
internal import Synchronization
internal import Settings

/// Store, recovered state and pipeline thread: what every way of running Sluice has in common.
///
/// ```
///   sources ─conduits─▶ PipelineWorker ─batches─▶ IssueStore
/// ```
/// `open` → `addSource` … → `start` → `stop`.
final class Core: Sendable {
    /// Bytes under way: room for the longest payload several times over.
    static let byteCapacity = 1 << 20

    let store: IssueStore
    let pipeline: PipelineWorker
    /// Read-only connections beside the writer.
    let reader: IssueReader
    /// What the registry says of sensors now; ``reader`` tells of those that have not been heard yet, too.
    let registered: LiveValue<[Sensor]>
    /// What was recovered, for the log.
    let recovered: Recovery
    /// Sensors that have an index already, for the sources' name tables.
    let knownSensors: [(id: String, sensor: SensorIndex)]
    /// Sparkplug edge nodes that sensors have been heard through.
    let edgeNodes: [EdgeNodeID]
    /// How level sensors are mounted, by the registry.
    let mountings: Mountings
    /// What the pipeline began with.
    let settings: PipelineConfiguration
    /// Time zones that stored sensors follow.
    let clocks: [String]
    /// How far brokers' journals had been committed.
    let journalPositions: [JournalPosition]

    /// Elements under way from one source.
    private let ringCapacity: Int
    private let pipelineDoorbell: Doorbell
    private let storeDoorbell: Doorbell
    private let storeSide: Handoff<StoreSide>
    private let cursors = Mutex<[CommitCursor]>([])

    /// The store thread's ends of the batch exchange, until it starts.
    private struct StoreSide: ~Copyable, Sendable {
        var batches: [CommitBatch]
        var toWrite: RingConsumer<UInt32>
        var written: RingProducer<UInt32>
    }

    /// Opens the store, replays its log through a new processor, and prepares the threads. Blocks for as long as that takes.
    ///
    /// - Parameters:
    ///   - registry: sensors known in another way than by `sensors.file`.
    ///   - rules: the rules as the log is to have them; nil keeps them out of it, for runs that nobody replays.
    ///   - isOffline: whether time is that of a recording, in which a day passes in a moment: then only what the stream brings
    ///     decides when the state is saved.
    ///   - clock: dates what is said of the store itself.
    ///   - stop: ends a long recovery early, with ``StoppedEarly``.
    init(
        _ configuration: Configuration, registry: [Sensor], rules: RuleText? = nil, isOffline: Bool = false,
        clock: WallClock, stop: StopFlag, metrics: any MetricsFactory, logger: Logger
    ) throws {
        ringCapacity = configuration.mqtt.ringCapacity
        let directory = configuration.storage.directory
        let progress = StartProgress(logger: logger)
        defer { progress.end() }
        store = try IssueStore(
            directory: directory, configuration: configuration.storage.store, metrics: metrics, logger: logger)
        let rebuilt = try Self.rebuild(
            configuration, registry: registry, rules: rules, isOffline: isOffline, from: store, clock: clock,
            progress: progress, stop: stop, logger: logger)
        // Saved state and log were held beside what came of them; the allocator would keep their pages for good.
        cplatform_trim_heap()
        let (processor, corrections) = (rebuilt.processor, rebuilt.corrections)
        recovered = rebuilt.recovery
        journalPositions = rebuilt.journalPositions
        (settings, clocks, mountings) = (rebuilt.settings, rebuilt.clocks, Mountings(rebuilt.settings.registry))
        // Only now: damage that was found on the way has put another file in the database's place.
        let registered = LiveValue(rebuilt.settings.registry)
        self.registered = registered
        reader = try IssueReader(directory: directory) { registered.value }
        knownSensors = processor.directory.sensors.enumerated().map { number, sensor in
            (id: sensor.id, sensor: SensorIndex(rawValue: UInt32(number)))
        }
        edgeNodes = processor.directory.gateways.compactMap { EdgeNodeID(gateway: $0.id) }
        pipelineDoorbell = Doorbell()
        storeDoorbell = Doorbell()
        let exchange = BatchExchange()
        let batches = exchange.batches
        pipeline = PipelineWorker(
            processor: processor, corrections: corrections, batches: batches, free: exchange.free,
            filled: exchange.filled,
            doorbell: pipelineDoorbell, storeDoorbell: storeDoorbell, metrics: metrics)
        storeSide = Handoff(StoreSide(batches: batches, toWrite: exchange.toWrite, written: exchange.written))
    }

    /// What a start takes from the store.
    private struct Rebuilt {
        var processor: StreamProcessor
        var corrections = CommitBatch()
        var recovery: Recovery
        var journalPositions: [JournalPosition]
        var settings: PipelineConfiguration
        var clocks: [String]
    }

    /// Rebuilds the pipeline's state. Damage that only shows when the log is read has the store begun anew; then once more.
    private static func rebuild(
        _ configuration: Configuration, registry: [Sensor], rules: RuleText?, isOffline: Bool, from store: IssueStore,
        clock: WallClock, progress: StartProgress, stop: StopFlag, logger: Logger
    ) throws -> Rebuilt {
        let attempt = { () throws -> Rebuilt in
            progress.enter(.savedState)
            var stored = try store.storedState()
            progress.enter(.registry)
            var settings = try configuration.pipelineConfiguration(
                registry: registry, imported: try ImportedRegistry(directory: store.directory).sensors(),
                clocks: stored.timeZones)
            settings.clockRate = clock.rate
            settings.savesState = !isOffline
            let history = RuleHistory(
                rules == nil ? [] : stored.ruleSets, today: configuration, settings: settings, logger: logger)
            var processor = StreamProcessor(
                configuration: history.settings(behind: stored.savedState.first?.sequence ?? 0))
            let corrections = CommitBatch()
            let recovery = try Recovery(
                of: &processor, from: store, stored: &stored, rules: history, corrections: corrections,
                progress: progress, stop: stop, logger: logger)
            progress.enter(.changes)
            // What was changed while nobody ran holds behind what had been stored by then.
            let changedAtMs = recovery.lastArrivalMs ?? clock.nowMs()
            if let rules, !history.isUpToDate {
                processor.take(
                    RuleSwitch(rules: rules, configuration: settings, atMs: changedAtMs), into: corrections)
            } else if processor.isDescribedOtherwise(by: settings.registry) {
                let change = processor.take(registryOf: settings, atMs: changedAtMs, into: corrections)
                Self.report(change, described: corrections.newSensors.count, logger)
            }
            DamageNotice(directory: store.directory).update(
                &processor, found: store.recoveredFromDamage, stored: stored, atMs: clock.nowMs(), into: corrections)
            return Rebuilt(
                processor: processor, corrections: corrections, recovery: recovery,
                journalPositions: stored.journalPositions, settings: settings, clocks: stored.timeZones)
        }
        do {
            return try attempt()
        } catch StorageError.corrupted where store.recoveredFromDamage != nil {
            return try attempt()
        }
    }

    /// - Parameter described: how many sensors the registry describes otherwise than the store.
    private static func report(_ change: RestoreReport, described count: Int, _ logger: Logger) {
        var metadata: Logger.Metadata = [
            "sensors_described": .stringConvertible(count), "sensors_afresh": .stringConvertible(change.sensorsAfresh),
        ]
        if let reason = change.firstReason { metadata["first_reason"] = "\(reason)" }
        logger.notice("registry.changed", metadata: metadata)
    }

    /// A new source's end of its conduit. Before ``start(onCommit:)``.
    func addSource() -> Inlet<StreamElement, Admission> {
        let conduit = Conduit<StreamElement, Admission>(
            capacity: ringCapacity, byteCapacity: Self.byteCapacity, doorbell: pipelineDoorbell)
        let cursor = conduit.inlet.cursor
        cursors.withLock { $0.append(cursor) }
        pipeline.add(conduit.outlet)
        return conduit.inlet
    }

    /// Starts the store and pipeline threads. `onCommit` is called on the store thread after each commit.
    func start(onCommit: @escaping @Sendable (CommittedBatch) -> Void) {
        startStore(onCommit: onCommit)
        pipeline.start()
    }

    func startStore(onCommit: @escaping @Sendable (CommittedBatch) -> Void) {
        guard let side = storeSide.take() else { preconditionFailure("the core is started once") }
        // Sources are numbered from 1; number 0 belongs to none.
        let all = [CommitCursor()] + cursors.withLock { $0 }
        store.start(
            batches: side.batches, filled: side.toWrite, free: side.written, storeDoorbell: storeDoorbell,
            pipelineDoorbell: pipeline.returnDoorbell, cursors: all, onCommit: onCommit)
    }

    /// Commits everything that the sources have pushed, ends both threads and closes the database. Blocks.
    ///
    /// - Parameter settled: whether the upkeep that is due is done before.
    func stop(settled: Bool = false) {
        pipeline.stop()
        stopStore(settled: settled)
    }

    func stopStore(settled: Bool = false) {
        store.stop(settled: settled)
        store.join()
    }
}
