internal import Incidents
internal import Metrics

/// The store's counters, made once.
struct StoreMetrics: Sendable {
    let commitDuration: Timer
    let batchesPerCommit: Recorder
    /// From the end of a batch in the pipeline to the beginning of its commit.
    let queueing: Timer
    /// From the network to the commit of the request, the oldest message of the batch taken for the one that led to it.
    let requestLatency: Timer
    /// Batches that wait for their commit, as seen at a commit.
    let waiting: Gauge
    let readings, events, requests, incidents, updates, quarantined, sensors, commands, slices: Counter
    /// Commits that failed and were tried again.
    let retries: Counter
    /// Rows that broke a constraint; see the log for which.
    let refused: Counter
    let stalled: Gauge
    let databaseBytes, walBytes, reserveBytes: Gauge
    /// Batches whose requests were filed without their readings, for want of space.
    let filedAlone: Counter
    /// Steps of background work that failed and were tried again later.
    let keepingFailures: Counter
    /// 1 for the state that the store is in, 0 for all others.
    private let states: [(StoreStatus.State, Gauge)]

    init(_ factory: any MetricsFactory) {
        func rows(_ table: String) -> Counter {
            Counter(label: "sluice_store_rows_total", dimensions: [("table", table)], factory: factory)
        }
        func bytes(_ file: String) -> Gauge {
            Gauge(label: "sluice_store_bytes", dimensions: [("file", file)], factory: factory)
        }
        commitDuration = Timer(
            label: "sluice_store_commit_seconds", dimensions: [], preferredDisplayUnit: .seconds, factory: factory)
        queueing = Timer(label: "sluice_store_queue_seconds", factory: factory)
        requestLatency = Timer(label: "sluice_request_seconds", factory: factory)
        waiting = Gauge(label: "sluice_store_waiting_batches", factory: factory)
        batchesPerCommit = Recorder(label: "sluice_store_batches_per_commit", factory: factory)
        readings = rows("reading")
        events = rows("stream_event")
        requests = rows("request")
        incidents = rows("incident")
        updates = rows("request_update")
        quarantined = rows("quarantine")
        sensors = rows("sensor")
        commands = rows("stream_command")
        slices = rows("state_slice")
        retries = Counter(label: "sluice_store_retries_total", factory: factory)
        refused = Counter(label: "sluice_store_refused_rows_total", factory: factory)
        stalled = Gauge(label: "sluice_store_stalled", factory: factory)
        databaseBytes = bytes("database")
        walBytes = bytes("wal")
        reserveBytes = bytes("reserve")
        filedAlone = Counter(label: "sluice_store_filed_alone_total", factory: factory)
        keepingFailures = Counter(label: "sluice_store_keeping_failures_total", factory: factory)
        states = StoreStatus.State.allCases.map {
            ($0, Gauge(label: "sluice_store_state", dimensions: [("state", $0.rawValue)], factory: factory))
        }
        show(.writable)
    }

    func show(_ present: StoreStatus.State) {
        for (state, gauge) in states { gauge.record(state == present ? 1 : 0) }
        stalled.record(present == .writable ? 0 : 1)
    }

    func count(_ batch: CommitBatch) {
        // Zero increments would cost as much as others.
        for (counter, count) in [
            (readings, batch.readings.count), (events, batch.events.count), (requests, batch.requests.count),
            (incidents, batch.incidents.count), (updates, batch.updates.count),
            (quarantined, batch.quarantined.count), (sensors, batch.newSensors.count),
            (commands, batch.commands.count), (slices, batch.stateSlices.count),
        ] where count > 0 {
            counter.increment(by: count)
        }
    }
}
