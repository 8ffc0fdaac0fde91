package import BrokerJournal
internal import Metrics

/// What a follower counts between two batches.
package struct JournalTally {
    /// Deliveries that were the next record.
    package internal(set) var matched = 0
    /// Records that were taken from the journal.
    package internal(set) var replayed = 0
    /// Deliveries of what had been taken.
    package internal(set) var redelivered = 0
    /// Deliveries that no record was found for.
    package internal(set) var unknown = 0
    /// Replayed messages that could not be remembered: should they be delivered too, content tells.
    package internal(set) var forgotten = 0
    /// Times that the journal could not be read.
    package internal(set) var failures = 0
    package internal(set) var skippedBytes = 0
    package internal(set) var troubles: [JournalTrouble.Code: Int] = [:]
    /// Bytes of the journal beyond us, when it was measured last.
    package internal(set) var lagBytes: UInt64 = 0
}

/// A followed journal's metrics, made once. `broker` is the connection's name.
struct JournalMetrics {
    private let matched, replayed, redelivered, unknown, forgotten, failures, skipped: Counter
    private let troubles: [(code: JournalTrouble.Code, counter: Counter)]
    private let lag: Meter

    init(broker: String, factory: any MetricsFactory) {
        let dimensions = [("broker", broker)]
        func counter(_ name: String) -> Counter {
            Counter(label: "sluice_journal_\(name)_total", dimensions: dimensions, factory: factory)
        }
        matched = counter("matched")
        replayed = counter("replayed")
        redelivered = counter("redelivered")
        unknown = counter("unknown")
        forgotten = counter("forgotten")
        failures = counter("failures")
        skipped = counter("skipped_bytes")
        troubles = JournalTrouble.Code.allCases.map { code in
            let labels = dimensions + [("code", code.rawValue)]
            return (code, Counter(label: "sluice_journal_gaps_total", dimensions: labels, factory: factory))
        }
        lag = Meter(label: "sluice_journal_lag_bytes", dimensions: dimensions, factory: factory)
    }

    /// Adds the tally and empties it.
    func add(_ tally: inout JournalTally) {
        for (counter, count) in [
            (matched, tally.matched), (replayed, tally.replayed), (redelivered, tally.redelivered),
            (unknown, tally.unknown), (forgotten, tally.forgotten), (failures, tally.failures),
            (skipped, tally.skippedBytes),
        ] where count > 0 {
            counter.increment(by: count)
        }
        for (code, counter) in troubles {
            if let count = tally.troubles[code], count > 0 { counter.increment(by: count) }
        }
        lag.set(Double(tally.lagBytes))
        let lagBytes = tally.lagBytes
        tally = JournalTally()
        tally.lagBytes = lagBytes
    }
}
