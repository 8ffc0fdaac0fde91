public import Open311

/// What is known of a key that may write. The key itself is stored nowhere.
public struct APIKey: Sendable, Equatable, Codable {
    /// Its number in the store, never used again.
    public var id: Int64
    /// What people call it. Unique among keys that hold.
    public var name: String
    /// The key's beginning, by which people tell keys apart.
    public var hint: String
    public var roles: Set<AccessRole>
    /// Uses in a minute. Of a public key: by each address.
    public var ratePerMinute: Int
    /// Given out by the page to everybody, so it may report and nothing else.
    public var isPublic: Bool
    /// Milliseconds since the Unix epoch, as all times here.
    public var createdAtMs: Int64
    /// To the minute, or nil before the first use.
    public var lastUsedAtMs: Int64?
    /// Since when it holds no more.
    public var revokedAtMs: Int64?

    public init(
        id: Int64, name: String, hint: String, roles: Set<AccessRole>, ratePerMinute: Int, isPublic: Bool,
        createdAtMs: Int64
    ) {
        self.id = id
        self.name = name
        self.hint = hint
        self.roles = roles
        self.ratePerMinute = ratePerMinute
        self.isPublic = isPublic
        self.createdAtMs = createdAtMs
    }

    /// What a new key's name and rate may be.
    public static let longestName = 64
    public static let rates = 1...100_000

    public var isRevoked: Bool { revokedAtMs != nil }
}

extension AccessRole: Codable {}
