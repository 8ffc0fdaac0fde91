import Hummingbird
import Open311

/// How the daemon does, in figures: what `sluice top` shows.
struct FiguresEndpoint: Sendable {
    let site: SiteParts
    let figures: @Sendable () async throws -> String

    /// `GET /api/top`. Not for everyone: it names sensors.
    func answer(_ call: Call) async throws -> Response {
        guard await site.isConfidant(call) else {
            throw GeoReportError(
                code: 403,
                "Figures can be seen from the machine that Sluice runs on, or with a key that may administer.")
        }
        return .text(try await figures(), contentType: "application/json; charset=utf-8")
    }
}
