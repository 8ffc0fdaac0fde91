/// Tells whether a change that failed speaks of its destination, or of itself: a server may choke on one change and take all
/// others.
///
/// Blamed is the destination, unless something shows that it was the change:
/// - it failed before, others were delivered since, and it fails again;
/// - another was delivered within the last minute, and nothing else has failed since.
///
/// So a destination that goes down is found at its second failure at the latest, and one that chokes on a change is called down
/// for it once at most.
package struct FailureBlame: Sendable {
    /// How long a delivery shows that the destination is up.
    package static let freshMs: Int64 = 60_000
    /// Changes that are remembered to have failed; beyond, all are forgotten, and blame the destination once more.
    private static let most = 1000

    private var deliveries = 0
    private var lastDeliveryMs: Int64?
    /// Changes that failed since the last delivery.
    private var failedSince: Set<Int64> = []
    /// How many had been delivered when a change failed for the first time, by the change.
    private var deliveriesBefore: [Int64: Int] = [:]

    package init() {}

    /// - Parameter atMs: in milliseconds since the Unix epoch.
    package mutating func delivered(_ change: Int64, atMs: Int64) {
        deliveries += 1
        lastDeliveryMs = atMs
        failedSince.removeAll(keepingCapacity: true)
        forget(change)
    }

    /// Nothing more will be heard of this change.
    package mutating func forget(_ change: Int64) { deliveriesBefore[change] = nil }

    package mutating func failed(_ change: Int64) {
        if deliveriesBefore.count >= Self.most { deliveriesBefore.removeAll() }
        if deliveriesBefore[change] == nil { deliveriesBefore[change] = deliveries }
        // More than two tell no more than two.
        if failedSince.count < 2 { failedSince.insert(change) }
    }

    /// Whether the destination is to blame for a change that has just failed.
    package func isDestinationDown(_ change: Int64, atMs: Int64) -> Bool {
        if let before = deliveriesBefore[change], before < deliveries { return false }
        guard failedSince.count == 1, let lastDeliveryMs else { return true }
        // A clock that was set back shows nothing.
        return !(0..<Self.freshMs).contains(atMs - lastDeliveryMs)
    }
}
