import Hummingbird
import IssueStorage
import Open311

/// `/api/measures`: goals, and how they stand.
struct MeasuresEndpoints: Sendable {
    let reader: IssueReader
    let catalog: ServiceCatalog
    let goals: @Sendable () -> [Goal]
    let nowMs: @Sendable () -> Int64

    func measures(_ call: Call) async throws -> Response {
        let now = nowMs()
        let search = try MeasureSearch(parameters: call.query.parameters, nowMs: now, catalog: catalog)
        var query = MeasureQuery(fromMs: search.fromMs, toMs: search.toMs, nowMs: now)
        query.services = search.services
        query.wards = search.wards
        query.grouping = search.grouping.map { $0 == .ward ? .ward : .week }
        let report = try await reader.measures(query)
        return .document(MeasureDocument(search, report, catalog: catalog, goals: goals()).document, as: .json)
    }
}
