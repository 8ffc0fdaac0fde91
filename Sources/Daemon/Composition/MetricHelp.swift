internal import Telemetry

/// What each metric means, for the `# HELP` lines of `/metrics`.
enum MetricHelp {
    static let texts = [
        ("sluice_readings_total", "Readings that were new, stored and judged or kept as history."),
        (
            "sluice_readings_unusual_total",
            "Readings by what was unusual: duplicate, conflict, late, clock_ahead, shed."
        ),
        ("sluice_mqtt_messages_total", "Messages received, by broker."),
        ("sluice_mqtt_readings_total", "Readings decoded from messages, by broker."),
        ("sluice_mqtt_introduced_total", "Sensors met for the first time on this connection, by broker."),
        ("sluice_mqtt_batches_total", "Batches that were acknowledged together, by broker."),
        ("sluice_mqtt_reconnects_total", "Attempts to connect after the first, by broker."),
        ("sluice_mqtt_retained_ignored_total", "Retained messages, which are not news and are not read, by broker."),
        ("sluice_mqtt_quarantined_total", "Messages put into quarantine, by broker and reason."),
        ("sluice_mqtt_acknowledge_seconds", "From the end of a batch to its commit, by broker."),
        ("sluice_mqtt_ring_fill_ratio", "How full the ring to the pipeline was at the end of a batch, 0 to 1."),
        ("sluice_store_rows_total", "Rows committed, by table."),
        ("sluice_store_commit_seconds", "From BEGIN to the end of COMMIT."),
        ("sluice_store_batches_per_commit", "Batches that shared one transaction."),
        ("sluice_store_retries_total", "Commits that failed and were tried again, by reason."),
        ("sluice_store_refused_rows_total", "Rows that the database refused: a bug, see the log."),
        ("sluice_store_bytes", "Bytes on disk, by file."),
        ("sluice_store_stalled", "1 while commits fail and nothing is acknowledged."),
        ("sluice_http_requests_total", "HTTP requests answered, by route and status."),
        ("sluice_http_request_seconds", "Time to answer, by route."),
        ("sluice_http_connections", "Open HTTP connections."),
        ("sluice_http_event_streams", "Open live event streams."),
        ("sluice_http_events_dropped_total", "Events that a slow reader of the live stream lost."),
    ]

    static func describe(in registry: MetricRegistry) {
        for (name, text) in texts { registry.describe(name, text) }
    }
}
