import HTTPAPI
import Open311

/// 2026-11-21T20:34:05.678Z
let nowMs: Int64 = 1_795_293_245_678

/// Requests in memory, for what the routes do with them; what a query finds is IssueStorage's to test.
struct SampleSource: RequestSource {
    struct Broken: Error {}

    var all: [ServiceRequest] = []
    var isBroken = false
    /// Gives up counting there, unless it is asked for all.
    var mostCounted: Int?

    func requests(_ search: RequestSearch) async throws -> [ServiceRequest] {
        Array(try matching(search).dropFirst(search.offset).prefix(search.pageSize))
    }

    func page(
        _ search: RequestSearch, countingUpTo most: Int?
    ) async throws -> (requests: [ServiceRequest], total: Int?) {
        let count = try matching(search).count
        let isCounted = most.map { count <= min($0, mostCounted ?? .max) } ?? true
        return (try await requests(search), isCounted ? count : nil)
    }

    func request(id: Int64) async throws -> ServiceRequest? {
        if isBroken { throw Broken() }
        return all.first { $0.id == id }
    }

    func updates(ofRequests ids: [Int64]) async throws -> [Int64: [RequestUpdate]] {
        var updates: [Int64: [RequestUpdate]] = [:]
        for id in ids {
            updates[id] = [RequestUpdate(requestID: id, number: 1, atMs: nowMs, status: .open, text: "Note of \(id)")]
        }
        return updates
    }

    func updates(_ search: UpdateSearch) async throws -> [RequestUpdate] {
        Array(try matching(search).dropFirst(search.offset).prefix(search.pageSize))
    }

    func updateCount(_ search: UpdateSearch) async throws -> Int { try matching(search).count }

    /// One update each, when it was raised.
    private func matching(_ search: UpdateSearch) throws -> [RequestUpdate] {
        if isBroken { throw Broken() }
        let updates = all.reversed().map { request in
            RequestUpdate(
                requestID: request.id, number: 1, atMs: request.requestedAtMs, status: request.status,
                text: "Note of \(request.id)")
        }
        return updates.filter {
            search.requestIDs?.contains($0.requestID) ?? true
                && $0.atMs >= search.fromMs ?? .min && $0.atMs <= search.toMs ?? .max
        }
    }

    private func matching(_ search: RequestSearch) throws -> [ServiceRequest] {
        if isBroken { throw Broken() }
        return all.filter { request in
            if let ids = search.ids { return ids.contains(request.id) }
            return search.services?.contains(request.service) ?? true
                && search.statuses?.contains(request.status) ?? true
                && request.requestedAtMs >= search.requestedFromMs ?? .min
                && request.requestedAtMs <= search.requestedToMs ?? .max
                && request.updatedAtMs >= search.updatedFromMs ?? .min
                && request.updatedAtMs <= search.updatedToMs ?? .max
                && !search.hiddenServices.contains(request.service)
        }
    }

    /// Five requests, an hour apart, newest first: ids 5 to 1.
    static let five = SampleSource(
        all: (0..<5).map { hours in
            var request = ServiceRequest(
                id: Int64(5 - hours), service: hours % 2 == 0 ? .waterLeak : .binFull, incidentKey: "k\(hours)",
                requestedAtMs: nowMs - Int64(hours) * 3_600_000)
            request.title = "<img src=x onerror=alert(\(hours))>"
            request.status = hours < 3 ? .open : .closed
            return request
        })
}
