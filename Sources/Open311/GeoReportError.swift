/// One entry of an `errors` document, and the HTTP status that goes with it.
public struct GeoReportError: Error, Sendable, Equatable, CustomStringConvertible {
    /// GeoReport error codes are the HTTP status: 404 for what doesn't exist, 403 for keys, 400 for everything
    /// else that a client can get wrong; and HTTP's own 408, 413, 414, 429, 431 and 503 for what is slow, too long, too much or
    /// too early.
    public var code: Int
    /// A sentence: what was wrong, and what would be right.
    public var description: String

    /// After how many seconds it is worth trying again, where that helps: sent as `Retry-After`.
    public var retryAfterS: Int?

    public init(code: Int, _ description: String, retryAfterS: Int? = nil) {
        self.code = code
        self.description = description
        self.retryAfterS = retryAfterS
    }

    static func badParameter(_ name: String, _ expectation: String, found: String) -> GeoReportError {
        GeoReportError(code: 400, "\(name.shortened): \(expectation), found '\(found.shortened)'")
    }
}

extension GeoReportDocument {
    /// `[{code, description}]`, `<errors><error>`.
    public static func errors(_ errors: [GeoReportError]) -> GeoReportDocument {
        GeoReportDocument(
            root: "errors",
            content: .list(
                of: "error",
                errors.map {
                    .fields([
                        Field("code", .integer(Int64($0.code))), Field("description", .text($0.description)),
                    ])
                }))
    }
}
