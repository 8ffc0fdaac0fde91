import Readings

/// What is known of the honesty of one quantity of one sensor.
struct QuantityTrack: Sendable, Equatable, StateCodable {
    let quantity: Quantity
    var stuck: StuckDetector?
    var implausible: ImplausibleDetector
    /// What the fault rules said last.
    var isStuck = false, isImplausible = false
    /// Stays true until the sensor's fault incident has closed.
    var wasFaulty = false

    init(_ quantity: Quantity, learnsForMs: Int64) {
        self.quantity = quantity
        stuck = StuckHabits(quantity).map { StuckDetector($0, learnsForMs: learnsForMs) }
        implausible = ImplausibleDetector(quantity)
    }

    /// Street rules wait while this is so.
    var isHeld: Bool { isStuck || isImplausible || wasFaulty || stuck?.isSuspicious == true }

    func isFaulty(_ rule: Rule) -> Bool { rule == .stuck ? isStuck : isImplausible }

    mutating func code(_ coder: inout StateCoder) {
        if stuck != nil { stuck?.code(&coder) }
        coder.code(&implausible)
        coder.code(&isStuck)
        coder.code(&isImplausible)
        coder.code(&wasFaulty)
    }
}
