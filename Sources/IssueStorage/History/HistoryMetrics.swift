internal import Metrics

/// Counters of history's background work, made once.
struct HistoryMetrics: Sendable {
    let folded, trimmed, quarantined, slices, dismissed: Counter
    let stepDuration: Timer
    let tail, usedBytes: Gauge
    private let demoted, expired, early: [Counter]

    init(_ factory: any MetricsFactory) {
        func tiers(_ label: String) -> [Counter] {
            HistoryTier.allCases.map { Counter(label: label, dimensions: [("tier", $0.name)], factory: factory) }
        }
        folded = Counter(label: "sluice_history_folded_readings_total", factory: factory)
        trimmed = Counter(label: "sluice_store_trimmed_rows_total", factory: factory)
        quarantined = Counter(label: "sluice_store_quarantine_dropped_total", factory: factory)
        slices = Counter(label: "sluice_store_swept_slices_total", factory: factory)
        dismissed = Counter(label: "sluice_store_swept_suspicions_total", factory: factory)
        stepDuration = Timer(
            label: "sluice_history_step_seconds", dimensions: [], preferredDisplayUnit: .seconds, factory: factory)
        tail = Gauge(label: "sluice_history_tail_readings", factory: factory)
        usedBytes = Gauge(label: "sluice_store_used_bytes", factory: factory)
        demoted = tiers("sluice_history_demoted_total")
        expired = tiers("sluice_history_expired_total")
        early = tiers("sluice_history_expired_early_total")
    }

    func count(_ tally: HistoryTally) {
        for (counter, count) in [
            (folded, tally.folded), (trimmed, tally.trimmed), (quarantined, tally.quarantined), (slices, tally.slices),
            (dismissed, tally.dismissed),
        ] where count > 0 {
            counter.increment(by: count)
        }
        for tier in HistoryTier.allCases {
            if let count = tally.demoted[tier] { demoted[Int(tier.rawValue)].increment(by: count) }
            if let count = tally.expired[tier] { expired[Int(tier.rawValue)].increment(by: count) }
        }
        if let move = tally.early { early[Int(move.tier.rawValue)].increment(by: move.entries) }
    }
}
