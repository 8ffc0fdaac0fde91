public import Open311

/// What the HTTP side reads. `IssueReader` is the one behind the daemon.
public protocol RequestSource: Sendable {
    /// The requests that `search` asks for, newest first by when they were raised, then by id, from row
    /// `search.offset` on and at most `search.pageSize` of them.
    func requests(_ search: RequestSearch) async throws -> [ServiceRequest]

    /// The same, and how many there are on all pages.
    ///
    /// - Parameter most: where counting ends; nil counts all of them.
    /// - Returns: as `total` nil if there are more than `most`.
    func page(
        _ search: RequestSearch, countingUpTo most: Int?
    ) async throws -> (requests: [ServiceRequest], total: Int?)

    func request(id: Int64) async throws -> ServiceRequest?

    /// The history of each of these requests, oldest first.
    func updates(ofRequests ids: [Int64]) async throws -> [Int64: [RequestUpdate]]

    /// The updates that `search` asks for, oldest first, then by request and number, from row `search.offset` on and at
    /// most `search.pageSize` of them.
    func updates(_ search: UpdateSearch) async throws -> [RequestUpdate]

    /// How many `search` finds on all its pages.
    func updateCount(_ search: UpdateSearch) async throws -> Int
}
