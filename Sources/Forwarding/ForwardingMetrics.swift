internal import Metrics

/// One destination's counters. Labels are the configuration's names, so there are as many as somebody wrote.
struct ForwardingMetrics: Sendable {
    let delivered: Counter
    let retried: Counter
    let dead: Counter
    let duration: Timer
    let queued: Gauge
    let deadNow: Gauge
    let oldestSeconds: Gauge
    let up: Gauge

    init(destination: String, _ factory: any MetricsFactory) {
        let labels = [("destination", destination)]
        delivered = Counter(label: "sluice_forward_delivered_total", dimensions: labels, factory: factory)
        retried = Counter(label: "sluice_forward_retried_total", dimensions: labels, factory: factory)
        dead = Counter(label: "sluice_forward_dead_total", dimensions: labels, factory: factory)
        duration = Timer(label: "sluice_forward_delivery_seconds", dimensions: labels, factory: factory)
        queued = Gauge(label: "sluice_forward_queued", dimensions: labels, factory: factory)
        deadNow = Gauge(label: "sluice_forward_dead", dimensions: labels, factory: factory)
        oldestSeconds = Gauge(label: "sluice_forward_oldest_seconds", dimensions: labels, factory: factory)
        up = Gauge(label: "sluice_forward_up", dimensions: labels, factory: factory)
    }
}
