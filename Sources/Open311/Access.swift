/// What a key may do.
public enum AccessRole: String, Sendable, CaseIterable {
    /// `POST requests`
    case report
    /// `POST servicerequestupdates`
    case update
    /// Assets, deliveries and what else runs the store.
    case administer
}

/// A key that was recognised.
public struct Access: Sendable, Equatable {
    /// The key's number in the store; 0: none was needed.
    public var key: Int64
    public var name: String
    public var roles: Set<AccessRole>

    public init(key: Int64, name: String, roles: Set<AccessRole>) {
        self.key = key
        self.name = name
        self.roles = roles
    }
}
