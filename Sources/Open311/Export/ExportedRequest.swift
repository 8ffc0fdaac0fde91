/// A request as exports tell of it.
public struct ExportedRequest: Sendable, Equatable {
    public var request: ServiceRequest
    /// When it was closed for good; nil if it is open.
    public var closedAtMs: Int64?

    public init(request: ServiceRequest, closedAtMs: Int64?) {
        (self.request, self.closedAtMs) = (request, closedAtMs)
    }
}
