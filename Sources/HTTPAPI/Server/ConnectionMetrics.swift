import Metrics

/// Connections that were not served, by reason. Made once.
struct ConnectionMetrics: Sendable {
    /// What the parser took for no request.
    let malformed: Counter
    /// Without a request for too long.
    let silent: Counter
    /// One too many of its address.
    let crowded: Counter

    init(factory: any MetricsFactory) {
        func counter(_ reason: String) -> Counter {
            Counter(label: "sluice_http_refused_total", dimensions: [("reason", reason)], factory: factory)
        }
        (malformed, silent, crowded) = (counter("malformed"), counter("silent"), counter("crowded"))
    }
}
