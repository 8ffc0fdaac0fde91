public import Open311

/// Another city's GeoReport v2 server.
public struct CityTarget: Sendable, Equatable {
    /// How to tell whether a request was filed when the server's answer did not come.
    public enum Repetition: String, Sendable, CaseIterable {
        /// The server honours `Idempotency-Key` and `update_id`, as Sluice does: it is simply asked again.
        case idempotent
        /// We look for our mark in what the server lists. What can't be looked up is left to people.
        case search
        /// Left to people, always.
        case hold
    }

    /// What stands before `requests.json`, without a slash at its end.
    public var url: String
    /// `api_key`. Never printed.
    public var key: String?
    /// `jurisdiction_id`, for servers of several cities.
    public var jurisdiction: String?
    /// Their `service_code` for ours; others keep their name.
    public var codes: [ServiceCode: String] = [:]
    public var repetition = Repetition.search
    /// Whether updates are posted to `servicerequestupdates`; many servers have none.
    public var takesUpdates = true
    /// How long after an unclear attempt the server has listed what it got.
    public var settling = Duration.seconds(60)
    /// For one call, to the end of the answer.
    public var limit = Duration.seconds(20)
    /// Calls at once, for different requests.
    public var concurrency = 2
    /// Certificates that may have signed the server's, PEM; nil for the system's.
    public var authorityFile: String?

    public init(url: String, key: String? = nil) { (self.url, self.key) = (url, key) }
}
