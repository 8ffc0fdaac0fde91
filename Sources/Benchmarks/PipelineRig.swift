internal import Foundation
internal import Incidents
internal import IssueStorage
internal import Logging
internal import MQTTIngest
internal import Metrics
internal import Pipeline
internal import Readings
internal import SPSCRing
internal import Simulation
internal import Synchronization

/// The daemon's data path in this process: intake → ring → pipeline thread → store thread → commit, with every default.
///
/// Payloads come from memory instead of from a broker; everything behind that is what `sluice run` runs.
final class PipelineRig {
    private let intake: MessageIntake
    private let pipeline: PipelineWorker
    private let store: IssueStore
    /// Where its database is; removed with it.
    let folder: String
    private let cursor: CommitCursor
    private var sequence: UInt64 = 0
    private let committed = CommittedReadings()

    /// How much of the state is saved beside the readings.
    enum Saving { case asShipped, never, always }
    /// How long readings are kept.
    enum History { case asShipped, short }

    /// Readings that were committed.
    ///
    /// What a commit held is counted behind its acknowledgement: only one more tells that it has been.
    func readings() throws -> Int {
        try settle()
        return committed.count
    }

    /// Opens a store in a new folder and admits `sensors`.
    ///
    /// - Parameters:
    ///   - saving: of state, as the daemon does, or one turn behind the other; without it only what each reading costs is
    ///     left.
    ///   - history: how long it is kept: as the daemon does, or as short as can be.
    init(
        sensors: [Sensor], scratch: String, saving: Saving = .asShipped, history: History = .asShipped,
        metrics: any MetricsFactory = NOOPMetricsHandler.instance
    ) throws {
        folder = "\(scratch)/rig-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let silent = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
        var keeping = StoreConfiguration()
        if history == .short {
            (keeping.history.keepLog, keeping.history.keepRaw) = (.seconds(3600), .seconds(86_400))
            (keeping.history.keepMinutes, keeping.history.keepHours) = (.seconds(86_400), .seconds(2 * 86_400))
        }
        store = try IssueStore(directory: folder, configuration: keeping, metrics: metrics, logger: silent)
        var configuration = PipelineConfiguration()
        configuration.sensorLimit = sensors.count
        configuration.registry = sensors
        switch saving {
        case .asShipped: break
        case .never: configuration.stateSteps.entriesPerTurn = .max
        case .always: (configuration.stateSteps.entriesPerTurn, configuration.stateBytesPerEntry) = (1, .max)
        }
        var processor = StreamProcessor(configuration: configuration)
        let admissions = CommitBatch()
        var known: [(id: String, sensor: SensorIndex)] = []
        for sensor in sensors {
            guard
                case .admitted(let index) = processor.admit(
                    id: sensor.id, kind: sensor.kind, nowMs: 0, into: admissions)
            else { throw WrongAnswer("sensor \(sensor.id) was not admitted") }
            known.append((sensor.id, index))
        }
        admissions.decisions = []
        let (pipelineBell, storeBell) = (Doorbell(), Doorbell())
        let exchange = BatchExchange()
        let batches = exchange.batches
        pipeline = PipelineWorker(
            processor: processor, corrections: admissions, batches: batches, free: exchange.free,
            filled: exchange.filled, doorbell: pipelineBell, storeDoorbell: storeBell,
            metrics: NOOPMetricsHandler.instance)
        let conduit = Conduit<StreamElement, Admission>(
            capacity: 65_536, byteCapacity: 1 << 20, doorbell: pipelineBell)
        cursor = conduit.inlet.cursor
        pipeline.add(conduit.outlet)
        intake = MessageIntake(routes: RouteTable([.standard]), inlet: conduit.inlet, known: known)
        store.start(
            batches: batches, filled: exchange.toWrite, free: exchange.written, storeDoorbell: storeBell,
            pipelineDoorbell: pipeline.returnDoorbell, cursors: [CommitCursor(), cursor],
            onCommit: { [committed] batch in committed.add(batch.readingCount) })
        pipeline.start()
        try settle()
    }

    deinit {
        pipeline.stop()
        store.stop()
        store.join()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Leaves folding, cutting the log and all that for later, or goes on with it.
    func pauseUpkeep(_ isPaused: Bool) { store.pauseUpkeep(isPaused) }

    /// Decodes and pushes `messages` as a connection does, in batches, and waits until the last is committed.
    ///
    /// They arrive as a backlog does: all at once, when the last of them has been sent, by a clock that runs as fast as ours.
    /// A clock that ran with the city's would have the store do the upkeep of days in a second.
    func feed(_ messages: MessageBlock) throws {
        guard messages.count > 0 else { return }
        let (start, sentMs) = (ContinuousClock.now, messages.atMs(messages.count - 1))
        intake.arrivedAtMs = sentMs
        for number in 0..<messages.count {
            intake.receive(
                topic: messages.bytes.span.extracting(messages.topic(number)),
                payload: messages.bytes.span.extracting(messages.payload(number)), isRetained: false)
            while intake.hasParked {
                // The ring is full. The daemon sleeps, too: who tries at once decodes the message again for nothing.
                usleep(100)
                intake.retry()
            }
            if number % 2000 == 1999 {
                try endBatch()
                intake.arrivedAtMs = sentMs + Int64((ContinuousClock.now - start) / .milliseconds(1))
            }
        }
        try settle()
    }

    private func endBatch() throws {
        _ = intake.takeStaged()
        sequence += 1
        while !intake.pushEnd(of: sequence) { usleep(100) }
    }

    private func settle() throws {
        try endBatch()
        intake.flush()
        let deadline = ContinuousClock.now + .seconds(120)
        while intake.committed < sequence {
            guard ContinuousClock.now < deadline else { throw WrongAnswer("a commit did not come within two minutes") }
            usleep(50)
        }
    }
}

/// Counted by the store thread, read by whoever measures.
private final class CommittedReadings: Sendable {
    private let number = Atomic<Int>(0)

    var count: Int { number.load(ordering: .acquiring) }

    func add(_ readings: Int) { number.add(readings, ordering: .acquiringAndReleasing) }
}
