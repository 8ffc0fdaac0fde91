/// One entry of an `errors` document, and the HTTP status that goes with it.
public struct GeoReportError: Error, Sendable, Equatable, CustomStringConvertible {
    /// GeoReport error codes are the HTTP status: 404 for what doesn't exist, 400 for everything else that a client
    /// can get wrong.
    public var code: Int
    /// A sentence: what was wrong, and what would be right.
    public var description: String

    public init(code: Int, _ description: String) {
        self.code = code
        self.description = description
    }

    static func badParameter(_ name: String, _ expectation: String, found: String) -> GeoReportError {
        // What a client sent is repeated in part only: an answer shouldn't grow with a hostile question.
        let shown = found.unicodeScalars.count > 60 ? String(found.unicodeScalars.prefix(60)) + "…" : found
        return GeoReportError(code: 400, "\(name): \(expectation), found '\(shown)'")
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
