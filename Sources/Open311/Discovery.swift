/// What `discovery.{xml,json}` says about this server.
public struct Discovery: Sendable, Equatable {
    /// When this answer last changed in substance.
    public var changesetMs: Int64
    /// How to reach the people who run the server.
    public var contact: String
    /// How to get a key for POST.
    public var keyService: String
    /// The base of all GeoReport paths, without a slash at its end.
    public var url: String
    /// `type`: production, or test.
    public var isProduction: Bool

    public init(changesetMs: Int64, contact: String, keyService: String, url: String, isProduction: Bool) {
        self.changesetMs = changesetMs
        self.contact = contact
        self.keyService = keyService
        self.url = url
        self.isProduction = isProduction
    }
}

extension GeoReportDocument {
    public static func discovery(_ discovery: Discovery) -> GeoReportDocument {
        let formats: [Node] = [.text("text/xml"), .text("application/json")]
        let endpoint: [Field] = [
            Field("specification", .text("http://wiki.open311.org/GeoReport_v2")),
            Field("url", .text(discovery.url)),
            Field("changeset", .time(ms: discovery.changesetMs)),
            Field("type", .text(discovery.isProduction ? "production" : "test")),
            Field("formats", .list(of: "format", formats)),
        ]
        return GeoReportDocument(
            root: "discovery",
            content: .fields([
                Field("changeset", .time(ms: discovery.changesetMs)),
                Field("contact", .text(ifAny: discovery.contact)),
                Field("key_service", .text(ifAny: discovery.keyService)),
                Field("endpoints", .list(of: "endpoint", [.fields(endpoint)])),
            ]))
    }
}
