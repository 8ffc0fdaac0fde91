import HTTPTypes
import Hummingbird
import Open311

/// The GeoReport v2 side of the server: discovery, services and requests, read only.
struct GeoReportEndpoints: Sendable {
    let configuration: HTTPConfiguration
    let source: any RequestSource
    let catalog: ServiceCatalog
    let nowMs: @Sendable () -> Int64
    /// `changeset`: discovery says what this process says since it started.
    let startedAtMs: Int64

    func answer(_ endpoint: Endpoint, _ request: Request) async throws -> Response {
        switch endpoint {
        case .discovery(let format): .document(.discovery(discovery(request)), as: format)
        case .services(let format): .document(.services(catalog.published), as: format)
        case .service(let code, let format): try definition(code, format)
        case .requests(let format): try await requests(request, format)
        case .request(let id, let format): try await self.request(id, request, format)
        default: preconditionFailure("not a GeoReport endpoint: \(endpoint)")
        }
    }

    private func definition(_ code: String, _ format: GeoReportFormat) throws(GeoReportError) -> Response {
        guard let service = ServiceCode(rawValue: code).flatMap(catalog.published(code:)) else {
            throw GeoReportError(code: 404, "There is no service with this code.")
        }
        return .document(.definition(of: service), as: format)
    }

    private func requests(_ request: Request, _ format: GeoReportFormat) async throws -> Response {
        let query = QueryString(request.uri.query)
        let search = try RequestSearch(parameters: query.parameters, nowMs: nowMs(), catalog: catalog)
        let found = try await source.requests(search)
        let total = try await source.requestCount(search)
        var response = try await answer(found, extended: search.includesExtensions, format)
        let here = baseURL(request) + request.uri.path
        let hasNext = search.offset + found.count < total && !found.isEmpty
        response.headers[HTTPField.Name("X-Total-Count")!] = String(total)
        response.headers[HTTPField.Name("Link")!] = Self.link(here, query, page: search.page, hasNext: hasNext)
        return response
    }

    private func request(_ id: String, _ request: Request, _ format: GeoReportFormat) async throws -> Response {
        let query = QueryString(request.uri.query)
        let search = try RequestSearch(
            parameters: query.parameters.filter { $0.name == "extensions" }, nowMs: nowMs())
        guard let number = Int64(id), number > 0, String(number) == id,
            let found = try await source.request(id: number)
        else { throw GeoReportError(code: 404, "There is no service request with this id.") }
        return try await answer([found], extended: search.includesExtensions, format)
    }

    private func answer(
        _ requests: [ServiceRequest], extended: Bool, _ format: GeoReportFormat
    ) async throws -> Response {
        guard extended else { return .document(.requests(requests), as: format) }
        let updates = try await source.updates(ofRequests: requests.map(\.id))
        return .document(.requests(requests, updates: updates), as: format)
    }

    private func discovery(_ request: Request) -> Discovery {
        Discovery(
            changesetMs: startedAtMs, contact: configuration.contact,
            keyService: "No key is needed to read. Requests can't be posted to this server.",
            url: baseURL(request) + Endpoint.geoReportRoot, isProduction: configuration.isProduction)
    }

    /// As configured, else as the client called us; a `Host` that isn't one is not repeated.
    private func baseURL(_ request: Request) -> String {
        if let url = configuration.publicURL { return url }
        let authority = request.head.authority.flatMap(Authority.init)?.text
        return "http://" + (authority ?? "\(configuration.host):\(configuration.port)")
    }

    /// RFC 8288 links, so that a client can tell a full page from the end.
    private static func link(_ here: String, _ query: QueryString, page: Int, hasNext: Bool) -> String? {
        var links: [String] = []
        if hasNext { links.append("<\(here)?\(query.setting("page", to: page + 1))>; rel=\"next\"") }
        if page > 1 { links.append("<\(here)?\(query.setting("page", to: page - 1))>; rel=\"prev\"") }
        return links.isEmpty ? nil : links.joined(separator: ", ")
    }
}
