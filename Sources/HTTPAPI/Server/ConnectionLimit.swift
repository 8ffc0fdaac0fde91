import HummingbirdCore
import Metrics

/// Counts open connections, and stops accepting at a limit: what is more waits in the system's queue.
struct ConnectionLimit: AvailableConnectionsDelegate {
    let most: Int
    let gauge: Gauge
    private var open = 0

    init(most: Int, metrics: any MetricsFactory) {
        self.most = most
        gauge = Gauge(label: "sluice_http_connections", factory: metrics)
    }

    mutating func connectionOpened() {
        open += 1
        gauge.record(open)
    }

    mutating func connectionClosed() {
        open -= 1
        gauge.record(open)
    }

    func isAcceptingNewConnections() -> Bool { open < most }
}
