/// Whether the daemon lives and can do its work, check by check: what `/health` answers.
public struct HealthReport: Sendable, Equatable, Codable {
    /// False when only a restart can help.
    public var isLive: Bool
    /// False while a part that the work needs is missing: a broker connection, a writable store.
    public var isReady: Bool
    /// In the order in which a reading meets the parts.
    public var checks: [Check]

    /// One part's state.
    public struct Check: Sendable, Equatable, Codable {
        /// Stable and low-cardinality: `mqtt`, `store`.
        public var name: String
        public var isOK: Bool
        /// A sentence for the person on call.
        public var detail: String

        public init(name: String, isOK: Bool, detail: String) {
            (self.name, self.isOK, self.detail) = (name, isOK, detail)
        }

        private enum CodingKeys: String, CodingKey {
            case name
            case isOK = "ok"
            case detail
        }
    }

    public init(isLive: Bool, isReady: Bool, checks: [Check]) {
        (self.isLive, self.isReady, self.checks) = (isLive, isReady, checks)
    }

    /// A living process that is ready exactly when every check is.
    public init(checks: [Check]) {
        self.init(isLive: true, isReady: checks.allSatisfy(\.isOK), checks: checks)
    }

    private enum CodingKeys: String, CodingKey {
        case isLive = "live"
        case isReady = "ready"
        case checks
    }
}
