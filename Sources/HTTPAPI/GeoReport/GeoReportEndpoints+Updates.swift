import Hummingbird
import Open311

extension GeoReportEndpoints {
    /// `GET servicerequestupdates`
    func updates(_ call: Call) async throws -> Response {
        let search = try UpdateSearch(parameters: call.query.parameters, nowMs: nowMs(), catalog: site.view.catalog)
        let found = try await site.source.updates(search)
        let total = try await site.source.updateCount(search)
        let shown = view(call).updates(found, of: try await requests(of: found))
        var response = Response.document(.updates(shown, for: view(call)), as: call.format)
        let hasNext = search.offset + found.count < total && !found.isEmpty
        response.addPageHeaders(call, page: search.page, hasNext: hasNext, total: total)
        return response
    }

    /// The requests that these updates belong to: what may be told of an update depends on its request.
    private func requests(of updates: [RequestUpdate]) async throws -> [ServiceRequest] {
        guard !updates.isEmpty else { return [] }
        var search = RequestSearch()
        search.ids = Array(Set(updates.map(\.requestID)))
        return try await site.source.requests(search)
    }
}
