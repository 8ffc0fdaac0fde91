import Hummingbird
import Open311

extension GeoReportEndpoints {
    /// `GET servicerequestupdates`
    func updates(_ call: Call) async throws -> Response {
        let search = try UpdateSearch(parameters: call.query.parameters, nowMs: nowMs(), catalog: site.view.catalog)
        let found = try await site.source.updates(search)
        let total = try await site.source.updateCount(search)
        var response = Response.document(.updates(found, for: view(call)), as: call.format)
        let hasNext = search.offset + found.count < total && !found.isEmpty
        response.addPageHeaders(call, page: search.page, hasNext: hasNext, total: total)
        return response
    }
}
