internal import Metrics
internal import Readings

/// What one thread counts between two batches; added to the metrics at each batch's end.
struct IngestTally {
    var messages = 0
    var readings = 0
    var retained = 0
    var introduced = 0
    /// Sound messages that carry nothing to measure by their nature.
    var ignored = 0
    var edgeNodes = SparkplugHost.Tally()
    /// By ``QuarantineReason/rawValue``.
    var quarantined = [Int](repeating: 0, count: 256)
    var hasQuarantined = false

    mutating func add(_ tally: SparkplugHost.Tally) {
        edgeNodes.births += tally.births
        edgeNodes.deaths += tally.deaths
        edgeNodes.received += tally.received
        edgeNodes.missing += tally.missing
        edgeNodes.late += tally.late
        edgeNodes.rebirthRequests += tally.rebirthRequests
    }
}

/// A connection's metrics, made once. `broker` is the connection's name.
struct IngestMetrics {
    private let messages, readings, retained, introduced, ignored, batches, reconnects: Counter
    private let acknowledging, committing, canary: Timer
    private let brokerDropped: Meter
    private let ringFill: Meter
    private let births, deaths, nodeMessages, missing, late, rebirths: Counter
    private let quarantined: [(reason: QuarantineReason, counter: Counter)]

    init(broker: String, factory: any MetricsFactory) {
        let dimensions = [("broker", broker)]
        func counter(_ name: String) -> Counter {
            Counter(label: "sluice_mqtt_\(name)_total", dimensions: dimensions, factory: factory)
        }
        messages = counter("messages")
        readings = counter("readings")
        retained = counter("retained_ignored")
        introduced = counter("introduced")
        ignored = counter("ignored")
        batches = counter("batches")
        reconnects = counter("reconnects")
        acknowledging = Timer(
            label: "sluice_mqtt_acknowledge_seconds", dimensions: dimensions, factory: factory)
        committing = Timer(label: "sluice_mqtt_commit_seconds", dimensions: dimensions, factory: factory)
        canary = Timer(label: "sluice_mqtt_canary_seconds", dimensions: dimensions, factory: factory)
        brokerDropped = Meter(
            label: "sluice_mqtt_broker_dropped_messages", dimensions: dimensions, factory: factory)
        ringFill = Meter(label: "sluice_mqtt_ring_fill_ratio", dimensions: dimensions, factory: factory)
        func edgeNodes(_ event: String) -> Counter {
            let labels = dimensions + [("event", event)]
            return Counter(label: "sluice_mqtt_sparkplug_total", dimensions: labels, factory: factory)
        }
        births = edgeNodes("birth")
        deaths = edgeNodes("death")
        nodeMessages = edgeNodes("message")
        missing = edgeNodes("missing")
        late = edgeNodes("late")
        rebirths = edgeNodes("rebirth_request")
        quarantined = QuarantineReason.allCases.map { reason in
            let labels = dimensions + [("reason", reason.label)]
            return (
                reason, Counter(label: "sluice_mqtt_quarantined_total", dimensions: labels, factory: factory)
            )
        }
    }

    /// Adds the tally and empties it.
    func add(_ tally: inout IngestTally) {
        if tally.messages > 0 { messages.increment(by: tally.messages) }
        if tally.readings > 0 { readings.increment(by: tally.readings) }
        if tally.retained > 0 { retained.increment(by: tally.retained) }
        if tally.introduced > 0 { introduced.increment(by: tally.introduced) }
        if tally.ignored > 0 { ignored.increment(by: tally.ignored) }
        (tally.messages, tally.readings, tally.retained, tally.introduced, tally.ignored) = (0, 0, 0, 0, 0)
        if tally.edgeNodes != SparkplugHost.Tally() {
            add(tally.edgeNodes)
            tally.edgeNodes = SparkplugHost.Tally()
        }
        guard tally.hasQuarantined else { return }
        tally.hasQuarantined = false
        for (reason, counter) in quarantined where tally.quarantined[Int(reason.rawValue)] > 0 {
            counter.increment(by: tally.quarantined[Int(reason.rawValue)])
            tally.quarantined[Int(reason.rawValue)] = 0
        }
    }

    private func add(_ nodes: SparkplugHost.Tally) {
        for (counter, count) in [
            (births, nodes.births), (deaths, nodes.deaths), (nodeMessages, nodes.received), (missing, nodes.missing),
            (late, nodes.late), (rebirths, nodes.rebirthRequests),
        ] where count > 0 {
            counter.increment(by: count)
        }
    }

    func batchClosed(ringFill fill: Double) {
        batches.increment()
        ringFill.set(fill)
    }

    /// From the end of a batch to the moment its acknowledgements may leave.
    func batchCommitted(afterNs nanoseconds: Int64) { acknowledging.recordNanoseconds(nanoseconds) }

    /// From the arrival of a batch's oldest message to its commit.
    func oldestCommitted(afterNs nanoseconds: Int64) { committing.recordNanoseconds(nanoseconds) }

    /// Our own message came back.
    func canaryReturned(afterNs nanoseconds: Int64) { canary.recordNanoseconds(nanoseconds) }

    func brokerHasDropped(_ count: Int64) { brokerDropped.set(Double(count)) }

    func reconnected() { reconnects.increment() }
}
