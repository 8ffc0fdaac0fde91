import Metrics

/// Requests by route and status class, and how long they took. Made once: recording looks nothing up by name.
struct HTTPMetrics: Sendable {
    private let counters: [Endpoint.Template: [Counter]]
    private let durations: [Endpoint.Template: Timer]

    init(factory: any MetricsFactory) {
        var counters: [Endpoint.Template: [Counter]] = [:]
        var durations: [Endpoint.Template: Timer] = [:]
        for route in Endpoint.Template.allCases {
            counters[route] = (1...5).map {
                Counter(
                    label: "sluice_http_requests_total",
                    dimensions: [("route", route.rawValue), ("status", "\($0)xx")], factory: factory)
            }
            durations[route] = Timer(
                label: "sluice_http_request_seconds", dimensions: [("route", route.rawValue)], factory: factory)
        }
        self.counters = counters
        self.durations = durations
    }

    /// - Parameter duration: until the answer's head was ready; its body may still be on its way.
    func record(_ route: Endpoint.Template, status: Int, duration: Duration) {
        counters[route]?[min(max(status / 100, 1), 5) - 1].increment()
        durations[route]?.record(duration: duration)
    }
}
