import Readings

/// What is known of the honesty of one quantity of one sensor.
struct QuantityTrack: Sendable, Equatable, StateCodable {
    let quantity: Quantity
    private var stuck: StuckDetector?
    var implausible: ImplausibleDetector
    var faults = Faults()

    /// What is wrong with it. Small, so that a question about it copies nothing else.
    struct Faults: Sendable, Equatable, BitwiseCopyable {
        /// What the fault rules said last.
        var isStuck = false, isImplausible = false
        /// Stays true until the sensor's fault incident has closed.
        var wasFaulty = false
        /// It repeats itself for longer than usual; follows from the run of values.
        fileprivate(set) var isSuspicious = false

        /// Street rules wait while this is so.
        var areHolding: Bool { isStuck || isImplausible || wasFaulty || isSuspicious }

        func include(_ rule: Rule) -> Bool { rule == .stuck ? isStuck : isImplausible }
    }

    init(_ quantity: Quantity, learnsForMs: Int64) {
        self.quantity = quantity
        stuck = StuckHabits(quantity).map { StuckDetector($0, learnsForMs: learnsForMs) }
        implausible = ImplausibleDetector(quantity)
    }

    /// Folds in a value; nil for what repeats itself by nature.
    mutating func observeRun(_ value: Double, atMs: Int64) -> Finding? {
        guard let finding = stuck?.observe(value, atMs: atMs) else { return nil }
        faults.isSuspicious = stuck?.isSuspicious == true
        return finding
    }

    mutating func code(_ coder: inout StateCoder) {
        if stuck != nil { stuck?.code(&coder) }
        coder.code(&implausible)
        coder.code(&faults.isStuck)
        coder.code(&faults.isImplausible)
        coder.code(&faults.wasFaulty)
        if coder.isReading { faults.isSuspicious = stuck?.isSuspicious == true }
    }
}
