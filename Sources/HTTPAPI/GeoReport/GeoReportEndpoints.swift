import HTTPTypes
import Hummingbird
import Open311

/// What GeoReport v2 lets anyone read: discovery, services and requests.
struct GeoReportEndpoints: Sendable {
    let site: SiteParts
    let configuration: HTTPConfiguration
    let nowMs: @Sendable () -> Int64
    /// `changeset`: discovery says what this process says since it started.
    let startedAtMs: Int64

    static let root = "/open311/v2"

    func discovery(_ call: Call) -> Response {
        let keys =
            site.desk == nil
            ? "No key is needed to read. Requests can't be posted to this server."
            : "No key is needed to read. For a key to post with, ask the contact."
        let discovery = Discovery(
            changesetMs: startedAtMs, contact: configuration.contact, keyService: keys,
            url: call.baseURL + Self.root, isProduction: configuration.isProduction)
        return .document(.discovery(discovery), as: call.format)
    }

    func services(_ call: Call) -> Response {
        .document(.services(site.view.catalog.published), as: call.format)
    }

    func definition(_ call: Call) throws -> Response {
        guard let service = ServiceCode(rawValue: call["code"]).flatMap(site.view.catalog.published(code:)) else {
            throw GeoReportError(code: 404, "There is no service with this code.")
        }
        return .document(.definition(of: service), as: call.format)
    }

    func requests(_ call: Call) async throws -> Response {
        let query = call.query
        let search = try RequestSearch(
            parameters: query.parameters, nowMs: nowMs(), catalog: site.view.catalog)
        let end = search.offset + search.pageSize
        let (found, total) = try await site.source.page(
            search, countingUpTo: search.mostCounted.map { max($0, end) })
        var response = try await answer(found, extended: search.includesExtensions, call)
        // What wasn't counted to its end goes on behind this page.
        let hasNext = total.map { search.offset + found.count < $0 } ?? true && !found.isEmpty
        response.addPageHeaders(call, page: search.page, hasNext: hasNext, total: total)
        return response
    }

    func request(_ call: Call) async throws -> Response {
        let search = try RequestSearch(
            parameters: call.query.parameters.filter { $0.name == "extensions" }, nowMs: nowMs())
        guard let id = call.id, let found = try await site.source.request(id: id),
            site.view.catalog.named(found.service).visibility != .hidden
        else { throw GeoReportError(code: 404, "There is no service request with this id.") }
        return try await answer([found], extended: search.includesExtensions, call)
    }

    private func answer(_ requests: [ServiceRequest], extended: Bool, _ call: Call) async throws -> Response {
        guard extended else { return .document(.requests(requests, for: view(call)), as: call.format) }
        let updates = try await site.source.updates(ofRequests: requests.map(\.id))
        return .document(.requests(requests, updates: updates, for: view(call)), as: call.format)
    }

    func view(_ call: Call) -> PublicView {
        var view = site.view
        view.baseURL = call.baseURL
        return view
    }
}
