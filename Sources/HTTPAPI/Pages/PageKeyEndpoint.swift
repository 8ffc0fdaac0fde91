import Hummingbird
import Open311

/// The key with which anybody may report from the page.
struct PageKeyEndpoint: Sendable {
    let key: String

    /// `GET /api/key`
    func answer(_ call: Call) -> Response {
        .document(GeoReportDocument(root: "key", content: .fields([.init("api_key", .text(key))])), as: .json)
    }
}
