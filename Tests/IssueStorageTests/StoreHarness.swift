import Foundation
import Incidents
import IssueStorage
import Logging
import Metrics
import SPSCRing
import Synchronization
import Testing

/// A directory of a test's own.
final class TemporaryDirectory: Sendable {
    let path = NSTemporaryDirectory() + "sluice-store-" + UUID().uuidString
    var database: String { path + "/sluice.db" }

    /// In a `defer`, so that it outlives every store in it.
    func remove() { try? FileManager.default.removeItem(atPath: path) }

    func store(_ durability: Durability = .crash) throws -> IssueStore {
        var configuration = StoreConfiguration()
        configuration.durability = durability
        configuration.reserveBytes = 1 << 20
        return try store(configuration)
    }

    func store(
        _ configuration: StoreConfiguration, metrics: any MetricsFactory = NOOPMetrics.factory,
        logger: Logger = NOOPMetrics.logger
    ) throws -> IssueStore {
        try IssueStore(directory: path, configuration: configuration, metrics: metrics, logger: logger)
    }

    /// Opens a store, commits one batch and closes it again.
    func commitOnce(_ fill: (CommitBatch) -> Void) throws {
        let run = StoreRun(try store())
        run.submit(fill)
        run.end()
    }
}

/// A running store with the test in the pipeline's place. Used from one thread.
final class StoreRun {
    let store: IssueStore
    let cursors = [CommitCursor(), CommitCursor()]
    private let batches: [CommitBatch]
    private var filled: RingProducer<UInt32>
    private var free: RingConsumer<UInt32>
    private let storeBell = Doorbell()
    private let bell = Doorbell()
    private let log = CommitLog()

    /// - Parameter heard: called on the store's thread after each commit.
    init(_ store: IssueStore, batchCount: Int = 4, heard: @escaping @Sendable () -> Void = {}) {
        self.store = store
        batches = (0..<batchCount).map { _ in CommitBatch() }
        let toStore = RingBuffer<UInt32>(capacity: 8)
        let fromStore = RingBuffer<UInt32>(capacity: 8)
        filled = toStore.producer
        free = fromStore.consumer
        store.start(
            batches: batches, filled: toStore.consumer, free: fromStore.producer, storeDoorbell: storeBell,
            pipelineDoorbell: bell, cursors: cursors
        ) { [log] in
            heard()
            log.append($0)
        }
    }

    /// What was committed so far, in order.
    var committed: [CommittedBatch] { log.all }

    /// Fills a free batch and hands it over.
    func submit(_ fill: (CommitBatch) -> Void) {
        let deadline = ContinuousClock.now + .seconds(20)
        var number = free.pop()
        while number == nil, .now < deadline {
            bell.wait(timeoutMs: 1000) { !free.isEmpty }
            number = free.pop()
        }
        guard let number else {
            Issue.record("no batch is free: the store commits nothing; it says \(store.status.lastError ?? "nothing")")
            return
        }
        fill(batches[Int(number)])
        _ = filled.push(number)
        storeBell.ring()
    }

    /// Returns when `count` batches are committed in all, or fails after 10 s.
    func waitForCommits(_ count: Int, sourceLocation: SourceLocation = #_sourceLocation) {
        let deadline = ContinuousClock.now + .seconds(10)
        while log.all.count < count, .now < deadline { bell.wait(timeoutMs: 100) { log.all.count >= count } }
        #expect(log.all.count >= count, sourceLocation: sourceLocation)
    }

    /// Commits what was submitted, closes the database and frees the directory.
    func end() {
        store.stop()
        store.join()
    }
}

private final class CommitLog: Sendable {
    private let batches = Mutex<[CommittedBatch]>([])
    var all: [CommittedBatch] { batches.withLock { $0 } }
    func append(_ batch: CommittedBatch) { batches.withLock { $0.append(batch) } }
}

/// A factory and a logger that keep nothing.
enum NOOPMetrics {
    static var factory: any MetricsFactory { NOOPMetricsHandler.instance }
    static var logger: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
