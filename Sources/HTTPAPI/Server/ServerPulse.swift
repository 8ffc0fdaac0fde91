import Hummingbird
import Open311
import Telemetry

/// What monitoring asks: is it alive, is it ready, how does it do.
struct ServerPulse: Sendable {
    /// Must not block.
    let health: @Sendable () -> HealthReport
    let metricsText: @Sendable () -> String

    func live(_ call: Call) -> Response { answer { $0.isLive } }

    func ready(_ call: Call) -> Response { answer { $0.isReady } }

    func metrics(_ call: Call) -> Response {
        .text(metricsText(), contentType: "text/plain; version=0.0.4; charset=utf-8")
    }

    private func answer(_ isGood: (HealthReport) -> Bool) -> Response {
        let report = health()
        return .document(report.document, as: .json, status: isGood(report) ? .ok : .serviceUnavailable)
    }
}
