internal import Telemetry

/// What each metric means, for the `# HELP` lines of `/metrics`.
package enum MetricHelp {
    static let texts = [
        ("sluice_readings_total", "Readings that were new, stored and judged or kept as history."),
        (
            "sluice_readings_unusual_total",
            "Readings by what was unusual: duplicate, conflict, late, clock_ahead, shed."
        ),
        ("sluice_mqtt_messages_total", "Messages received, by broker."),
        ("sluice_mqtt_readings_total", "Readings decoded from messages, by broker."),
        ("sluice_mqtt_introduced_total", "Sensors met for the first time on this connection, by broker."),
        (
            "sluice_mqtt_ignored_total",
            "Sound messages that carry nothing to measure: joins, acknowledgements; by broker."
        ),
        (
            "sluice_mqtt_frames_total",
            "Radio frames by what their counters say: received, lost, duplicate, reordered, reset, rejoined; by broker."
        ),
        (
            "sluice_mqtt_sparkplug_total",
            "Sparkplug edge nodes: birth, death, missing (messages), rebirth_request; by broker."
        ),
        ("sluice_mqtt_batches_total", "Batches that were acknowledged together, by broker."),
        ("sluice_mqtt_reconnects_total", "Attempts to connect after the first, by broker."),
        ("sluice_mqtt_retained_ignored_total", "Retained messages, which are not news and are not read, by broker."),
        ("sluice_mqtt_quarantined_total", "Messages put into quarantine, by broker and reason."),
        ("sluice_mqtt_acknowledge_seconds", "From the end of a batch to its commit, by broker."),
        ("sluice_mqtt_commit_seconds", "From the arrival of a batch's oldest message to its commit, by broker."),
        ("sluice_mqtt_canary_seconds", "From the sending of our own message to its commit, by broker."),
        ("sluice_mqtt_broker_dropped_messages", "What the broker says that it has dropped since its start ($SYS)."),
        ("sluice_mqtt_connected", "1 while the connection is up and subscribed, by broker."),
        ("sluice_mqtt_caught_up", "1 once the broker has delivered what it had kept, by broker."),
        ("sluice_mqtt_lag_seconds", "For how long the oldest message that was read waits for its commit, by broker."),
        ("sluice_decisions_total", "What was decided of readings, signals, sensors and requests, by event."),
        ("sluice_pipeline_batch_seconds", "From a batch's first element to its handing over to the store."),
        ("sluice_pipeline_batch_readings", "Readings in a batch."),
        ("sluice_request_seconds", "From the arrival of a reading to the commit of the request that it opened."),
        ("sluice_store_queue_seconds", "From the handing over of a batch to the beginning of its commit."),
        ("sluice_store_waiting_batches", "Batches that waited for their commit when the last one began."),
        ("sluice_uptime_seconds", "Since the daemon's start."),
        ("sluice_log_lost_lines", "Log lines that could not be written, by place: output, tape."),
        ("process_resident_memory_bytes", "What the process holds in memory."),
        ("process_cpu_seconds", "Processor time since the start."),
        ("process_open_fds", "Open files and sockets."),
        ("sluice_mqtt_ring_fill_ratio", "How full the ring to the pipeline was at the end of a batch, 0 to 1."),
        ("sluice_store_rows_total", "Rows committed, by table."),
        ("sluice_store_commit_seconds", "From BEGIN to the end of COMMIT."),
        ("sluice_store_batches_per_commit", "Batches that shared one transaction."),
        ("sluice_store_retries_total", "Commits that failed and were tried again, by reason."),
        ("sluice_store_refused_rows_total", "Rows that the database refused: a bug, see the log."),
        ("sluice_store_bytes", "Bytes on disk, by file."),
        ("sluice_store_stalled", "1 while commits fail and nothing is acknowledged."),
        ("sluice_store_state", "1 for the state that the store is in: writable, stalled, full, read_only, damaged."),
        ("sluice_store_used_bytes", "Bytes of the database that hold something; the rest is free for what comes."),
        (
            "sluice_store_filed_alone_total",
            "Requests that were filed without their readings, because the disk was full."
        ),
        ("sluice_store_keeping_failures_total", "Steps of folding and tidying that failed, to be tried again."),
        ("sluice_store_quarantine_dropped_total", "Quarantined messages that went because there were too many."),
        ("sluice_store_swept_slices_total", "Parts of older saved states that were removed."),
        ("sluice_store_trimmed_rows_total", "Rows of the stream's log that went because they are folded and saved."),
        ("sluice_history_folded_readings_total", "Readings folded into compact history."),
        ("sluice_history_tail_readings", "Readings in the log that are not folded yet."),
        ("sluice_history_step_seconds", "Duration of one step of folding and tidying, between commits."),
        ("sluice_history_demoted_total", "Entries of history that became coarser with age, by the tier they left."),
        ("sluice_history_expired_total", "Entries of history that went because of their age, by tier."),
        ("sluice_history_expired_early_total", "Entries of history that went early, because space ran out, by tier."),
        ("sluice_journal_matched_total", "Messages that were found in the broker's journal as they came, by broker."),
        ("sluice_journal_replayed_total", "Messages that were taken from the broker's journal, by broker."),
        ("sluice_journal_redelivered_total", "Messages that came again after they had been taken from the journal."),
        ("sluice_journal_unknown_total", "Messages that the journal does not hold, by broker."),
        ("sluice_journal_forgotten_total", "Messages taken from the journal that a redelivery would not be known by."),
        ("sluice_journal_failures_total", "Times that the journal could not be read, by broker."),
        ("sluice_journal_skipped_bytes_total", "Bytes of the journal that could not be read, by broker."),
        ("sluice_journal_gaps_total", "Holes in the journal, by broker and code."),
        ("sluice_journal_lag_bytes", "Bytes of the journal that have not come as messages yet, by broker."),
        ("sluice_forward_queued", "Changes that wait to be told, by destination."),
        ("sluice_forward_dead", "Changes that were given up and wait for a person's word, by destination."),
        ("sluice_forward_oldest_seconds", "Age of the oldest change that waits, by destination."),
        ("sluice_forward_up", "1 while the destination takes what it is sent."),
        ("sluice_forward_delivered_total", "Changes that arrived, by destination."),
        ("sluice_forward_retried_total", "Attempts that failed and are repeated, by destination."),
        ("sluice_forward_dead_total", "Changes that were given up, by destination."),
        ("sluice_forward_delivery_seconds", "Duration of one attempt, by destination."),
        ("sluice_http_requests_total", "HTTP requests answered, by route and status."),
        ("sluice_http_request_seconds", "Time to answer, by route."),
        ("sluice_http_connections", "Open HTTP connections."),
        ("sluice_http_event_streams", "Open live event streams."),
        ("sluice_http_events_dropped_total", "Events that a slow reader of the live stream lost."),
    ]

    /// Every metric's name.
    package static var names: Set<String> { Set(texts.map(\.0)) }

    static func describe(in registry: MetricRegistry) {
        for (name, text) in texts { registry.describe(name, text) }
    }
}
