/// Who looks after an asset, and how he is told when it needs care. Never public.
public struct Steward: Sendable, Equatable, Codable {
    /// How he is told.
    public enum Means: String, Sendable, CaseIterable, Codable {
        case webhook, mqtt
        /// Of earlier versions' stewards: no mail is sent, and none is adopted with it any more.
        case email
    }

    public var assetID: String
    /// What he calls himself.
    public var name: String
    public var means: Means
    /// The webhook's URL, the topic, or the address.
    public var contact: String
    /// Milliseconds since the Unix epoch.
    public var sinceMs: Int64

    public init(assetID: String, name: String, means: Means, contact: String, sinceMs: Int64) {
        self.assetID = assetID
        self.name = name
        self.means = means
        self.contact = contact
        self.sinceMs = sinceMs
    }
}
