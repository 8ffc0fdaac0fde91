public import Open311

/// What the HTTP side reads. `IssueReader` is the one behind the daemon.
public protocol RequestSource: Sendable {
    /// The requests that `search` asks for, newest first by when they were raised, then by id, from row
    /// `search.offset` on and at most `search.pageSize` of them.
    func requests(_ search: RequestSearch) async throws -> [ServiceRequest]

    /// How many `search` finds on all its pages; nil if there are more than `most`. nil for `most` counts all of them.
    func requestCount(_ search: RequestSearch, upTo most: Int?) async throws -> Int?

    func request(id: Int64) async throws -> ServiceRequest?

    /// The history of each of these requests, oldest first.
    func updates(ofRequests ids: [Int64]) async throws -> [Int64: [RequestUpdate]]

    /// The updates that `search` asks for, oldest first, then by request and number, from row `search.offset` on and at
    /// most `search.pageSize` of them.
    func updates(_ search: UpdateSearch) async throws -> [RequestUpdate]

    /// How many `search` finds on all its pages.
    func updateCount(_ search: UpdateSearch) async throws -> Int
}
