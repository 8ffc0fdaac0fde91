/// Where a webhook goes.
public struct WebhookTarget: Sendable, Equatable {
    public var url: String
    /// Signs every call. Never printed.
    public var secret: String
    /// For one call, to the end of the answer.
    public var limit = Duration.seconds(10)
    /// Calls at once, for different requests.
    public var concurrency = 4
    /// Certificates that may have signed the server's, PEM; nil for the system's.
    public var authorityFile: String?

    public init(url: String, secret: String) { (self.url, self.secret) = (url, secret) }
}
