public import IssueStorage
public import Open311

extension IssueReader: RequestSource {
    public func requests(_ search: RequestSearch) async throws -> [ServiceRequest] {
        try await requests(RequestQuery(search))
    }

    public func requestCount(_ search: RequestSearch, upTo most: Int?) async throws -> Int? {
        guard let most else { return try await requestCount(RequestQuery(search)) }
        return try await requestCount(RequestQuery(search), upTo: most)
    }
}

extension RequestQuery {
    init(_ search: RequestSearch) {
        self.init()
        ids = search.ids
        services = search.services
        statuses = search.statuses
        requestedFromMs = search.requestedFromMs
        requestedToMs = search.requestedToMs
        updatedFromMs = search.updatedFromMs
        updatedToMs = search.updatedToMs
        circle = search.circle
        box = search.box
        hiddenServices = search.hiddenServices
        limit = search.pageSize
        offset = search.offset
    }
}
