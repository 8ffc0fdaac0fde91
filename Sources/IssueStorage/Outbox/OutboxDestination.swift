public import Open311

/// Whom to tell about requests, and about which: an entry of the configuration as the store knows it.
public struct OutboxDestination: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        case mqtt, webhook, georeport, stewards
    }

    /// Stable: what is queued, and what is known of requests there, belongs to the name.
    public var name: String
    /// One name with another kind is another destination.
    public var kind: Kind
    /// nil: all.
    public var services: [ServiceCode]?
    /// nil: all, also requests without a ward.
    public var wards: [String]?
    /// 1–4: less grave requests are not told.
    public var leastSeverity = 1
    /// Only the changes that open, close or reopen a request.
    public var isStatusOnly = false
    /// Whether a new destination is told everything that is stored, or only what comes from now on.
    public var startsAtBeginning = false

    public init(name: String, kind: Kind) { (self.name, self.kind) = (name, kind) }
}

/// A destination as it stands in the store.
public struct OutboxStanding: Sendable, Equatable {
    /// Its row's number, which names it in other rows.
    public var number: Int64
    public var name: String
    public var kind: String
    /// Not configured any more.
    public var isRetired: Bool
    /// Changes that wait, and those that were given up.
    public var queued: Int
    public var dead: Int
    /// Changes that were queued when the destination was removed.
    public var retired: Int
    /// When the oldest that waits was queued.
    public var oldestQueuedAtMs: Int64?
    /// Since it was first configured.
    public var delivered: Int
    public var deliveredAtMs: Int64?
    /// Whether it was seen to list a request that was filed there; nil when that was never tried.
    public var listsRequests: Bool?
}
