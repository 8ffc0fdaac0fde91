internal import Detection
internal import GRDB
internal import Incidents
internal import IssueStorage
internal import Logging
internal import Metrics
internal import Pipeline
internal import Readings
internal import SPSCRing

/// One life of the daemon's core, from its start to its end, by whatever end: recovered from the disk as the daemon
/// recovers, then moved by steps.
///
/// ```
///   SimulatedConnection ─conduit─▶ PipelineWorker.step() ─batches─▶ SimulatedStore.step()
/// ```
final class SimulatedDaemon {
    private(set) var connections: [SimulatedConnection] = []
    let pipeline: PipelineWorker
    let store: SimulatedStore
    /// The sequence that it began behind.
    let startedBehind: Int64
    /// Slices of saved state that it took over.
    let restoredSlices: Int
    /// What the store held of requests when it began.
    let requests: [KnownRequest]

    private static func requests(_ db: Database) throws -> [KnownRequest] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT \(RequestRow.columns), (SELECT max(number) FROM request_update WHERE request_id = id) AS last_update
                FROM request ORDER BY id
                """)
        return try rows.map { KnownRequest(request: try RequestRow.request($0), lastUpdate: $0["last_update"] ?? 0) }
    }

    /// Opens the store and recovers what it holds.
    ///
    /// - Parameters:
    ///   - mirror: is brought up to date, and compared.
    ///   - compares: whether to compare the recovered state with one rebuilt from the whole stream.
    /// - Throws: what the disk does to it, or ``Violation``.
    init(
        _ swarm: Swarm, directory: String, rules: RuleSets, mirror: inout StreamMirror,
        compares: Bool
    ) throws {
        let database = StoreDatabase(directory: directory, durability: swarm.isPowerDurable ? .power : .crash)
        // Whatever the disk does to it, it never looks damaged: not even when a page can't be read.
        let (queue, damage) = try database.openSound(Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() })
        try promise(damage == nil, "a sound database is moved aside: \(damage?.reason ?? "")")
        let (recovered, sequence, requests) = try queue.writeWithoutTransaction { db in
            try mirror.update(db)
            let stored = try StoredState(db)
            let recovered = try Recovery(db, stored, mirror, rules)
            if compares { try Checks.isSame(recovered, stored, mirror, rules) }
            return (recovered, stored.lastSequence, try Self.requests(db))
        }
        self.requests = requests
        startedBehind = sequence
        restoredSlices = recovered.slices
        let bell = Doorbell()
        let exchange = BatchExchange()
        let batches = exchange.batches
        pipeline = PipelineWorker(
            processor: recovered.processor, corrections: recovered.corrections, batches: batches, free: exchange.free,
            filled: exchange.filled, doorbell: bell, storeDoorbell: Doorbell(), metrics: NOOPMetricsHandler.instance)
        let known = recovered.knownSensors
        // Sources are numbered from 1; number 0 belongs to none.
        var cursors = [CommitCursor()]
        for _ in 0..<swarm.connections {
            let conduit = Conduit<StreamElement, Admission>(
                capacity: swarm.ringCapacity, byteCapacity: 4096, doorbell: bell)
            cursors.append(conduit.inlet.cursor)
            pipeline.add(conduit.outlet)
            connections.append(SimulatedConnection(window: swarm.window, inlet: conduit.inlet, known: known))
        }
        store = try SimulatedStore(
            database, first: queue, batches: batches, cursors: cursors, filled: exchange.toWrite,
            free: exchange.written)
    }

    func turn(
        _ number: Int, _ broker: inout SimulatedBroker, mostReads: Int, notices: Bool,
        acknowledging: ([Int]) throws(Violation) -> Void
    ) throws(Violation) {
        try connections[number].turn(
            &broker, mostReads: mostReads, notices: notices, acknowledging: acknowledging)
    }

    func catchUp(_ number: Int, _ broker: SimulatedBroker) { connections[number].catchUp(broker) }

    func end() { store.close() }
}
