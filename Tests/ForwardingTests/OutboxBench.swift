import Forwarding
import Foundation
import GRDB
import Incidents
import IssueStorage
import Logging
import Metrics
import Open311
import SPSCRing
import ServiceLifecycle
import Synchronization
import TestSupport

/// A real store with a forwarder beside it, and the test in the pipeline's place.
final class OutboxBench: Sendable {
    static let midnightMs: Int64 = 1_780_272_000_000

    let folder: TestFolder
    let store: IssueStore
    let reader: IssueReader
    let configuration: ForwardingConfiguration
    private let batch = CommitBatch()
    private let rings: Mutex<Rings>
    private let storeBell = Doorbell()
    private let bell = Doorbell()
    /// What runs now, and how to end it.
    private let running = Mutex<(forwarder: Forwarder, task: Task<Void, any Error>, group: ServiceGroup)?>(nil)

    private struct Rings: ~Copyable {
        var filled: RingProducer<UInt32>
        var free: RingConsumer<UInt32>
    }

    /// Opens the store, starts it, and begins to forward.
    init(_ destinations: [Destination], folder: TestFolder? = nil) async throws {
        let folder = try folder ?? TestFolder()
        self.folder = folder
        var configuration = ForwardingConfiguration()
        configuration.destinations = destinations
        configuration.schedule.boundsMs = 20...200
        self.configuration = configuration
        var settings = StoreConfiguration()
        settings.durability = .crash
        settings.reserveBytes = 1 << 20
        store = try IssueStore(
            directory: folder.path, configuration: settings, metrics: NOOPMetricsHandler.instance,
            logger: Self.logger)
        try store.configureOutbox(destinations.map(\.outbox), nowMs: Self.nowMs())
        reader = try IssueReader(directory: folder.path)
        let toStore = RingBuffer<UInt32>(capacity: 8)
        let fromStore = RingBuffer<UInt32>(capacity: 8)
        rings = Mutex(Rings(filled: toStore.producer, free: fromStore.consumer))
        let box = ForwarderBox()
        store.start(
            batches: [batch], filled: toStore.consumer, free: fromStore.producer, storeDoorbell: storeBell,
            pipelineDoorbell: bell, cursors: [CommitCursor()]
        ) { _ in box.forwarder.withLock { $0 }?.ring() }
        let forwarder = Forwarder(
            configuration, reader: reader, recorder: store, view: .standard, nowMs: { Self.nowMs() },
            metrics: NOOPMetricsHandler.instance, logger: Self.logger)
        box.forwarder.withLock { $0 = forwarder }
        let group = ServiceGroup(
            configuration: .init(services: [.init(service: forwarder)], logger: Self.logger))
        let task = Task { try await group.run() }
        running.withLock { $0 = (forwarder, task, group) }
    }

    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func nowMs() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    var statuses: [DestinationStatus] { running.withLock { $0?.forwarder.statuses } ?? [] }

    func ring() { running.withLock { $0?.forwarder.ring() } }

    /// Stops the forwarder in order; the store runs on.
    func stopForwarding() async throws {
        let (group, task) = running.withLock { running in
            defer { running = nil }
            return (running?.group, running?.task)
        }
        await group?.triggerGracefulShutdown()
        try await task?.value
    }

    /// Stops the forwarder in order, then the store.
    func end() async throws {
        try await stopForwarding()
        store.stop()
        await store.finished()
    }

    /// Commits changes, as the pipeline would.
    func commit(_ requests: [ServiceRequest], _ updates: [RequestUpdate]) async throws {
        try await eventually("a free batch") { rings.withLock { !$0.free.isEmpty } }
        rings.withLock { rings in
            _ = rings.free.pop()
            batch.requests = requests
            batch.updates = updates
            _ = rings.filled.push(0)
        }
        storeBell.ring()
        try await eventually("the commit") { rings.withLock { !$0.free.isEmpty } }
    }

    /// Commits one request with so many changes; the last may close it.
    func file(_ id: Int64, changes: Int = 1, closed: Bool = false, ward: String? = "Aston", text: String = "It leaks.")
        async throws
    {
        var request = Self.request(id, ward: ward, text: text)
        request.status = closed ? .closed : .open
        try await commit(
            [request], (1...changes).map { Self.update(id, $0, closed && $0 == changes ? .closed : .open) })
    }

    static func request(_ id: Int64, ward: String? = "Aston", text: String = "It leaks.") -> ServiceRequest {
        var request = ServiceRequest(
            id: id, service: .waterLeak, incidentKey: "key-\(id)", requestedAtMs: midnightMs + id * 60_000)
        request.title = "Leak \(id)"
        request.description = text
        request.ward = ward
        (request.latitude, request.longitude) = (52.5, -1.9)
        request.sensorID = "meter-\(id)"
        return request
    }

    static func update(_ request: Int64, _ number: Int, _ status: ServiceRequest.Status = .open) -> RequestUpdate {
        RequestUpdate(
            requestID: request, number: number, atMs: midnightMs + Int64(number) * 1000, status: status,
            text: "change \(number) of \(request)")
    }

    /// Waits until nothing is queued, for all destinations or for one.
    func settled(_ destination: String? = nil) async throws {
        var selection = OutboxSelection()
        selection.states = ["queued"]
        selection.destination = destination
        try await eventually("an empty queue") { try await reader.outboxCount(selection) == 0 }
    }

    func items(_ state: String) async throws -> [OutboxItem] {
        var selection = OutboxSelection()
        selection.states = [state]
        return try await reader.outbox(selection, limit: 1000)
    }

    func standing(_ name: String) async throws -> OutboxStanding? {
        try await reader.outboxStandings().first { $0.name == name }
    }
}

/// The forwarder, for a closure that is made before it.
private final class ForwarderBox: Sendable {
    let forwarder = Mutex<Forwarder?>(nil)
}
