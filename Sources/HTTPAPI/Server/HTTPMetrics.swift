import Metrics

/// Requests by route and status class, and how long they took. Made once: recording looks nothing up by name.
struct HTTPMetrics: Sendable {
    private let counters: [[Counter]]
    private let durations: [Timer]

    /// - Parameter routes: labels, in the order of the numbers that ``record(_:status:duration:)`` is given.
    init(routes: [String], factory: any MetricsFactory) {
        counters = routes.map { route in
            (1...5).map {
                Counter(
                    label: "sluice_http_requests_total", dimensions: [("route", route), ("status", "\($0)xx")],
                    factory: factory)
            }
        }
        durations = routes.map {
            Timer(label: "sluice_http_request_seconds", dimensions: [("route", $0)], factory: factory)
        }
    }

    /// - Parameter duration: until the answer's head was ready; its body may still be on its way.
    func record(_ route: Int, status: Int, duration: Duration) {
        counters[route][min(max(status / 100, 1), 5) - 1].increment()
        durations[route].record(duration: duration)
    }
}
