internal import IssueStorage

/// What became of one attempt.
struct DeliveryOutcome: Sendable, Equatable {
    enum Ending: Sendable, Equatable {
        /// It arrived.
        case delivered
        /// It surely did not arrive; the next attempt may succeed.
        case failed
        /// It may have arrived; whoever repeats it must take care.
        case unclear
        /// It may have arrived, and only a person can find out.
        case held
        /// The destination does not want this change, however often it is sent.
        case refused
        /// It is not for this destination after all.
        case withheld
        /// It was right not to send it now.
        case postponed(ms: Int64)
    }

    var ending: Ending
    /// A sentence for people: why it is not delivered. It quotes at most a line of what the destination said.
    var reason = ""
    /// The wait that the destination asked for.
    var askedMs: Int64?
    /// Whether the trouble is the destination's, and other changes would meet it too.
    var isDestinationDown = false
    /// What else is to be written down with it.
    var changes: [OutboxChange] = []

    static let withheld = DeliveryOutcome(ending: .withheld)

    static func delivered(_ changes: [OutboxChange] = []) -> DeliveryOutcome {
        DeliveryOutcome(ending: .delivered, changes: changes)
    }

    static func failed(_ reason: String, askedMs: Int64? = nil) -> DeliveryOutcome {
        DeliveryOutcome(ending: .failed, reason: reason, askedMs: askedMs, isDestinationDown: true)
    }

    static func unclear(_ reason: String, askedMs: Int64? = nil) -> DeliveryOutcome {
        DeliveryOutcome(ending: .unclear, reason: reason, askedMs: askedMs, isDestinationDown: true)
    }

    static func refused(_ reason: String) -> DeliveryOutcome {
        DeliveryOutcome(ending: .refused, reason: reason)
    }

    static func held(_ reason: String) -> DeliveryOutcome { DeliveryOutcome(ending: .held, reason: reason) }

    static func postponed(ms: Int64, _ reason: String, _ changes: [OutboxChange] = []) -> DeliveryOutcome {
        DeliveryOutcome(ending: .postponed(ms: ms), reason: reason, changes: changes)
    }
}
