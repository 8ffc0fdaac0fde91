/// One public change of a request: a line of its history, and a `servicerequestupdate`.
public struct RequestUpdate: Sendable, Equatable {
    public var requestID: Int64
    /// 1 for the first, then up by one: with the request's id it is the update's id.
    public var number: Int
    public var atMs: Int64
    public var status: ServiceRequest.Status
    /// A sentence for people.
    public var text: String

    public init(requestID: Int64, number: Int, atMs: Int64, status: ServiceRequest.Status, text: String) {
        self.requestID = requestID
        self.number = number
        self.atMs = atMs
        self.status = status
        self.text = text
    }
}
