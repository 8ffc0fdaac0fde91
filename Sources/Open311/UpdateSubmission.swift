/// What `POST servicerequestupdates` says, without personal data: it enters the replayable stream as it is.
public struct UpdateSubmission: Sendable, Equatable, Codable {
    public var requestID: Int64
    /// The new status word; nil: unchanged, the update is a comment.
    public var word: UpdateWord?
    /// At most 4,000 characters; may be empty when there is a word or a verdict.
    public var text: String
    /// A web address, or the path of a photo that this server keeps.
    public var mediaURL: String?
    /// `updated_datetime`, when it was made at its source; nil: now.
    public var madeAtMs: Int64?
    /// `update_id`: the caller's own number for it. Said again by the same key, it means the same update.
    public var externalID: String?
    /// What staff found, if the update says so.
    public var verdict: StaffVerdict?
    /// `parent_service_request_id`: the request that this one is a duplicate of.
    public var duplicateOf: Int64?
    /// `parent_service_request_id=none`: it is no duplicate, whatever was said before. nil: nothing is said of that.
    public var isNoDuplicate: Bool?
    public var author: UpdateAuthor
    /// Of the key that posted it: ``Access/key``.
    public var key: Int64

    public init(requestID: Int64, word: UpdateWord? = nil, text: String = "", author: UpdateAuthor = .staff) {
        self.requestID = requestID
        self.word = word
        self.text = text
        self.author = author
        key = 0
    }
}
