public import IssueStorage
public import Open311

extension IssueReader: RequestSource {
    public func requests(_ search: RequestSearch) async throws -> [ServiceRequest] {
        try await requests(RequestQuery(search))
    }

    public func page(
        _ search: RequestSearch, countingUpTo most: Int?
    ) async throws -> (requests: [ServiceRequest], total: Int?) {
        try await page(RequestQuery(search), countingUpTo: most)
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
