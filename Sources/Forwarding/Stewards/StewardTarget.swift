/// How stewards are told.
public struct StewardTarget: Sendable, Equatable {
    /// Signs webhooks. Never printed.
    public var secret: String
    /// The broker for those who are told over MQTT; its prefix does not matter. nil: none.
    public var alerts: AlertTarget?
    /// For one call, to the end of the answer.
    public var limit = Duration.seconds(10)

    public init(secret: String) { self.secret = secret }
}
