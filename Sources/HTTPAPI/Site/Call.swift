import HTTPTypes
import Hummingbird
import Open311

/// One request on its way to its answer: what was asked, and where.
struct Call: Sendable {
    let request: Request
    let context: SiteContext
    /// What the path's `.json` or `.xml` asks for; JSON where the place has no such ending.
    let format: GeoReportFormat
    /// Scheme, host and port under which the client called us.
    let baseURL: String
    private let captures: [String: String]

    init(request: Request, context: SiteContext, captures: Route.Captures, baseURL: String) {
        self.request = request
        self.context = context
        self.captures = captures.values
        format = captures.format ?? .json
        self.baseURL = baseURL
    }

    /// What stands at `{name}` in the path, as it was sent.
    subscript(name: String) -> String { captures[name] ?? "" }

    /// `{id}` as a request's id: a positive number in its only spelling; nil for everything else.
    var id: Int64? {
        guard let number = Int64(self["id"]), number > 0, String(number) == self["id"] else { return nil }
        return number
    }

    var query: QueryString { QueryString(request.uri.query) }
}
