/// The two formats of GeoReport v2.
public enum GeoReportFormat: String, Sendable, CaseIterable {
    case json
    case xml

    /// For the `Content-Type` header. The spec asks for UTF-8, said aloud.
    public var contentType: String {
        switch self {
        case .json: "application/json; charset=utf-8"
        case .xml: "text/xml; charset=utf-8"
        }
    }
}
