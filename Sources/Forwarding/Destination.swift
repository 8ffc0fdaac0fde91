public import IssueStorage

/// One entry of the configuration: whom to tell what, and how to get there.
public struct Destination: Sendable, Equatable {
    public enum Target: Sendable, Equatable {
        case alerts(AlertTarget)
        case webhook(WebhookTarget)
        case city(CityTarget)
        case stewards(StewardTarget)
    }

    /// Name and filters, as the store keeps them.
    public var outbox: OutboxDestination
    public var target: Target
    /// Also what a service's visibility keeps from the public: for a city's own systems.
    public var showsEverything = false

    public init(outbox: OutboxDestination, target: Target) { (self.outbox, self.target) = (outbox, target) }
}

/// What all destinations have in common.
public struct ForwardingConfiguration: Sendable, Equatable {
    public var destinations: [Destination] = []
    public var schedule = RetrySchedule()
    /// What could not be delivered for so long is given up. Key `forwarding.give_up_after`.
    public var givesUpAfter = Duration.seconds(7 * 86_400)
    /// What was given up is kept for so long. Key `forwarding.keep_dead`.
    public var keepsDead = Duration.seconds(30 * 86_400)

    public init() {}
}
