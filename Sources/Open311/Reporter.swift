/// Who posted a request: personal data. Kept in rows of its own outside the replayable stream, never shown, and erased
/// after a configured time.
public struct Reporter: Sendable, Equatable {
    public var email: String?
    public var firstName: String?
    public var lastName: String?
    public var phone: String?
    /// `account_id`: the caller's own number for the reporter.
    public var accountID: String?
    /// `device_id`: mostly a phone's.
    public var deviceID: String?

    public init() {}

    public var isEmpty: Bool { self == Reporter() }
}
