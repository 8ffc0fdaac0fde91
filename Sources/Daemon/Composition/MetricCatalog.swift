package import Telemetry

/// Every metric of the daemon: name, kind, labels and meaning. The `# HELP` lines of `/metrics` and the reference page come from
/// this table; tests hold it against the sources and against what a running daemon shows.
package enum MetricCatalog {
    package enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    package struct Entry: Sendable, Equatable {
        package var name: String
        /// As in the `# TYPE` line.
        package var kind: Kind
        /// Their values are few: what is configured, or words of a list in the program.
        package var labels: [String]
        package var meaning: String
    }

    /// By name.
    package static let entries: [Entry] = [
        gauge("process_cpu_seconds", "Processor time since the start."),
        gauge("process_open_fds", "Open files and sockets."),
        gauge("process_resident_memory_bytes", "What the process holds in memory."),
        gauge("sluice_build_info", "Always 1; its labels say what is running.", by: "version"),
        counter("sluice_decisions_total", "What was decided of readings, signals, sensors and requests.", by: "event"),
        gauge("sluice_forward_dead", "Changes that were given up and wait for a person's word.", by: "destination"),
        counter("sluice_forward_dead_total", "Changes that were given up.", by: "destination"),
        counter("sluice_forward_delivered_total", "Changes that arrived.", by: "destination"),
        histogram("sluice_forward_delivery_seconds", "Duration of one attempt.", by: "destination"),
        gauge("sluice_forward_oldest_seconds", "Age of the oldest change that waits.", by: "destination"),
        gauge("sluice_forward_queued", "Changes that wait to be told.", by: "destination"),
        counter("sluice_forward_retried_total", "Attempts that failed and are repeated.", by: "destination"),
        gauge("sluice_forward_up", "1 while the destination takes what it is sent.", by: "destination"),
        counter(
            "sluice_frames_total",
            "Radio frames by what their counters say: received, lost, duplicate, reordered, reset, rejoined; redelivered ones came "
                + "again from the broker and say nothing of a device.",
            by: "finding"),
        counter(
            "sluice_history_demoted_total",
            "Entries of history that became coarser with age, by the tier they left.", by: "tier"),
        counter(
            "sluice_history_expired_early_total",
            "Entries of history that went early, because space ran out.", by: "tier"),
        counter("sluice_history_expired_total", "Entries of history that went because of their age.", by: "tier"),
        counter("sluice_history_folded_readings_total", "Readings folded into compact history."),
        histogram("sluice_history_step_seconds", "Duration of one step of folding and tidying, between commits."),
        gauge("sluice_history_tail_readings", "Readings in the log that are not folded yet."),
        gauge("sluice_http_connections", "Open HTTP connections."),
        gauge("sluice_http_event_streams", "Open live event streams."),
        counter("sluice_http_events_dropped_total", "Events that a slow reader of the live stream lost."),
        counter(
            "sluice_http_refused_total", "Connections that were not served: malformed, silent, crowded.", by: "reason"),
        histogram("sluice_http_request_seconds", "Time to answer.", by: "route"),
        counter("sluice_http_requests_total", "HTTP requests answered.", by: "route", "status"),
        counter("sluice_journal_failures_total", "Times that the journal could not be read.", by: "broker"),
        counter(
            "sluice_journal_forgotten_total",
            "Messages taken from the journal that a redelivery would not be known by.", by: "broker"),
        counter("sluice_journal_gaps_total", "Holes in the journal.", by: "broker", "code"),
        gauge("sluice_journal_lag_bytes", "Bytes of the journal that have not come as messages yet.", by: "broker"),
        counter(
            "sluice_journal_matched_total",
            "Messages that were found in the broker's journal as they came.", by: "broker"),
        counter(
            "sluice_journal_redelivered_total",
            "Messages that came again after they had been taken from the journal.", by: "broker"),
        counter("sluice_journal_replayed_total", "Messages that were taken from the broker's journal.", by: "broker"),
        counter("sluice_journal_skipped_bytes_total", "Bytes of the journal that could not be read.", by: "broker"),
        counter("sluice_journal_unknown_total", "Messages that the journal does not hold.", by: "broker"),
        gauge("sluice_log_lost_lines", "Log lines that could not be written, by place: output, tape.", by: "place"),
        histogram("sluice_mqtt_acknowledge_seconds", "From the end of a batch to its commit.", by: "broker"),
        counter("sluice_mqtt_batches_total", "Batches that were acknowledged together.", by: "broker"),
        gauge(
            "sluice_mqtt_broker_dropped_messages",
            "What the broker says that it has dropped since its start ($SYS).", by: "broker"),
        histogram("sluice_mqtt_canary_seconds", "From the sending of our own message to its commit.", by: "broker"),
        gauge("sluice_mqtt_caught_up", "1 once the broker has delivered what it had kept.", by: "broker"),
        histogram(
            "sluice_mqtt_commit_seconds", "From the arrival of a batch's oldest message to its commit.", by: "broker"),
        gauge("sluice_mqtt_connected", "1 while the connection is up and subscribed.", by: "broker"),
        counter(
            "sluice_mqtt_ignored_total",
            "Sound messages that carry nothing to measure: joins, acknowledgements.", by: "broker"),
        counter("sluice_mqtt_introduced_total", "Sensors met for the first time on this connection.", by: "broker"),
        gauge(
            "sluice_mqtt_lag_seconds",
            "For how long the oldest message that was read waits for its commit.", by: "broker"),
        counter("sluice_mqtt_messages_total", "Messages received.", by: "broker"),
        counter("sluice_mqtt_quarantined_total", "Messages put into quarantine.", by: "broker", "reason"),
        counter("sluice_mqtt_readings_total", "Readings decoded from messages.", by: "broker"),
        counter("sluice_mqtt_reconnects_total", "Attempts to connect after the first.", by: "broker"),
        counter(
            "sluice_mqtt_retained_ignored_total",
            "Retained messages, which are not news and are not read.", by: "broker"),
        gauge(
            "sluice_mqtt_ring_fill_ratio",
            "How full the ring to the pipeline was at the end of a batch, 0 to 1.", by: "broker"),
        counter(
            "sluice_mqtt_sparkplug_total",
            "Sparkplug edge nodes: birth, death, message, missing and late (of messages), rebirth_request.",
            by: "broker", "event"),
        histogram("sluice_pipeline_batch_readings", "Readings in a batch."),
        histogram("sluice_pipeline_batch_seconds", "From a batch's first element to its handing over to the store."),
        counter("sluice_readings_total", "Readings that were new, stored and judged or kept as history."),
        counter(
            "sluice_readings_unusual_total",
            "Readings by what was unusual: duplicate, conflict, late, clock_ahead, shed, incomplete_interval.",
            by: "outcome"),
        histogram(
            "sluice_request_seconds", "From the arrival of a reading to the commit of the request that it opened."),
        histogram("sluice_store_batches_per_commit", "Batches that shared one transaction."),
        gauge("sluice_store_bytes", "Bytes on disk.", by: "file"),
        histogram("sluice_store_commit_seconds", "From BEGIN to the end of COMMIT."),
        counter(
            "sluice_store_filed_alone_total",
            "Requests that were filed without their readings, because the disk was full."),
        counter("sluice_store_keeping_failures_total", "Steps of folding and tidying that failed, to be tried again."),
        counter("sluice_store_quarantine_dropped_total", "Quarantined messages that went because there were too many."),
        histogram("sluice_store_queue_seconds", "From the handing over of a batch to the beginning of its commit."),
        counter("sluice_store_refused_rows_total", "Rows that the database refused: a bug, see the log."),
        counter("sluice_store_retries_total", "Commits that failed and were tried again."),
        counter("sluice_store_rows_total", "Rows committed.", by: "table"),
        gauge("sluice_store_stalled", "1 while commits fail and nothing is acknowledged."),
        gauge(
            "sluice_store_state",
            "1 for the state that the store is in: writable, stalled, full, read_only, damaged.", by: "state"),
        counter("sluice_store_swept_slices_total", "Parts of older saved states that were removed."),
        counter("sluice_store_swept_suspicions_total", "Suspicions that did not last, removed after a month."),
        counter(
            "sluice_store_trimmed_rows_total", "Rows of the stream's log that went because they are folded and saved."),
        gauge("sluice_store_used_bytes", "Bytes of the database that hold something; the rest is free for what comes."),
        gauge("sluice_store_waiting_batches", "Batches that waited for their commit when the last one began."),
        gauge("sluice_uptime_seconds", "Since the daemon's start."),
    ]

    /// Has `/metrics` say what each one means.
    package static func describe(in registry: MetricRegistry) {
        for entry in entries { registry.describe(entry.name, entry.meaning) }
    }

    /// The reference page, Markdown.
    package static var markdown: String {
        let rows = entries.map { entry in
            let labels = entry.labels.map { "`\($0)`" }.joined(separator: ", ")
            return "| `\(entry.name)` | \(entry.kind) | \(labels) | \(entry.meaning) |"
        }
        return introduction + rows.joined(separator: "\n") + "\n"
    }

    private static let introduction = """
        # Metrics

        What `/metrics` shows, in Prometheus' text format. `sluice metrics --markdown` writes this page; tests hold it
        against the program. Histograms are counted with HdrHistogram, within 1 %; `sluice top` shows their percentiles.
        Labels have few values: the brokers and destinations that are configured, and words of lists in the program.

        | metric | kind | labels | meaning |
        |---|---|---|---|

        """

    private static func counter(_ name: String, _ meaning: String, by labels: String...) -> Entry {
        Entry(name: name, kind: .counter, labels: labels, meaning: meaning)
    }

    private static func gauge(_ name: String, _ meaning: String, by labels: String...) -> Entry {
        Entry(name: name, kind: .gauge, labels: labels, meaning: meaning)
    }

    private static func histogram(_ name: String, _ meaning: String, by labels: String...) -> Entry {
        Entry(name: name, kind: .histogram, labels: labels, meaning: meaning)
    }
}
