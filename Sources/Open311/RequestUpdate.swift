/// One public change of a request: a line of its history, and a `servicerequestupdate`.
public struct RequestUpdate: Sendable, Equatable, Codable {
    public var requestID: Int64
    /// 1 for the first, then up by one: with the request's id it is the update's id.
    public var number: Int
    public var atMs: Int64
    public var status: ServiceRequest.Status
    /// The status word since this update.
    public var word: UpdateWord
    /// A sentence for people.
    public var text: String
    public var author: UpdateAuthor
    /// A web address, or a path of this server.
    public var mediaURL: String?
    /// Its number at the server or caller that it came from.
    public var externalID: String?

    /// - Parameter word: nil says no more than `status` does.
    public init(
        requestID: Int64, number: Int, atMs: Int64, status: ServiceRequest.Status, text: String,
        word: UpdateWord? = nil, author: UpdateAuthor = .system
    ) {
        self.requestID = requestID
        self.number = number
        self.atMs = atMs
        self.status = status
        self.word = word ?? (status == .open ? .open : .closed)
        self.text = text
        self.author = author
    }

    /// `update_id`: `<request>-<number>`.
    public var id: String { "\(requestID)-\(number)" }
}
