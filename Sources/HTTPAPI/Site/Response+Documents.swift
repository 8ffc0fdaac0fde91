import HTTPTypes
import Hummingbird
import Open311
import Telemetry

extension Response {
    static func document(
        _ document: GeoReportDocument, as format: GeoReportFormat, status: HTTPResponse.Status = .ok
    ) -> Response {
        Response(
            status: status, headers: [.contentType: format.contentType],
            body: .init(byteBuffer: ByteBuffer(bytes: document.encoded(as: format))))
    }

    static func text(
        _ text: String, contentType: String = "text/plain; charset=utf-8", status: HTTPResponse.Status = .ok
    ) -> Response {
        Response(
            status: status, headers: [.contentType: contentType], body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    /// An error with its own status; nil for a path that no format goes with: plain text.
    static func error(_ error: GeoReportError, as format: GeoReportFormat?) -> Response {
        let status = HTTPResponse.Status(code: error.code)
        var response =
            format.map { Response.document(.errors([error]), as: $0, status: status) }
            ?? .text(error.description + "\n", status: status)
        if let seconds = error.retryAfterS { response.headers[.retryAfter] = String(seconds) }
        return response
    }
}

extension HealthReport {
    var document: GeoReportDocument {
        let checks: [GeoReportDocument.Node] = checks.map {
            .fields([
                .init("name", .text($0.name)), .init("ok", .boolean($0.isOK)), .init("detail", .text($0.detail)),
            ])
        }
        return GeoReportDocument(
            root: "health",
            content: .fields([
                .init("live", .boolean(isLive)), .init("ready", .boolean(isReady)),
                .init("checks", .list(of: "check", checks)),
            ]))
    }
}
