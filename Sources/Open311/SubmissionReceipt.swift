/// What a posted request became.
public enum SubmissionReceipt: Sendable, Equatable {
    /// It is, or corroborates, the request of this id.
    case request(Int64)
    /// It will have a number; until then it is known by this.
    case token(String)
    /// It was taken, and that is all that is told: the service is a black box.
    case taken
}
