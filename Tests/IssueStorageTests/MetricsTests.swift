import Incidents
import IssueStorage
import Logging
import SPSCRing
import Synchronization
import Telemetry
import TestSupport
import Testing

/// What operators see of the store: its metrics by their names, its log by its events.
@Suite struct MetricsTests {
    @Test func rowsCommitsRetriesAndRefusalsAreCounted() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let registry = MetricRegistry()
        let events = LogEvents()
        let store = try directory.store(
            StoreConfiguration(), metrics: registry, logger: Logger(label: "test") { _ in events })
        store.limit(toBytes: 1)
        let run = StoreRun(store)
        run.submit { batch in
            batch.newSensors = [newSensor(2000)]
            batch.readings = (1...1000).map { reading($0) } + [reading(1)]
            batch.requests = [request(1)]
        }
        try await eventually("the store says that it is stalled") { !store.status.isWritable }
        #expect(registry.prometheusText().contains("\nsluice_store_stalled 1"))
        try await eventually("its request is filed alone") {
            registry.prometheusText().contains("\nsluice_store_filed_alone_total 1")
        }
        store.limit(toBytes: 0)
        run.waitForCommits(1)
        run.end()

        let text = registry.prometheusText()
        for line in [
            "sluice_store_rows_total{table=\"reading\"} 1001", "sluice_store_rows_total{table=\"request\"} 1",
            "sluice_store_rows_total{table=\"sensor\"} 1", "sluice_store_refused_rows_total 1",
            "sluice_store_commit_seconds_count 1", "sluice_store_batches_per_commit_count 1",
            "sluice_store_stalled 0", "sluice_store_filed_alone_total 1", "sluice_store_state{state=\"full\"} 0",
            "sluice_store_state{state=\"writable\"} 1",
        ] {
            #expect(text.contains("\n\(line)"), "\(line) is not in:\n\(text)")
        }
        #expect(!text.contains("\nsluice_store_retries_total 0"))
        // One line a change, however many tries it took.
        #expect(
            events.all == [
                "store.stalled", "store.full", "store.requests_filed_alone", "store.recovered", "store.row_refused",
            ])
    }
}

/// Keeps the names of what is logged.
final class LogEvents: LogHandler {
    private let names = Mutex<[String]>([])
    var all: [String] { names.withLock { $0 } }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .info }
        set {}
    }
    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) { names.withLock { $0.append(event.message.description) } }
}
