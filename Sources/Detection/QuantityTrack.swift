import Readings

/// What is known of the honesty of one quantity of one sensor.
struct QuantityTrack: Sendable, Equatable, StateCodable {
    let quantity: Quantity
    /// One, or none for what repeats itself by nature: on the heap, because that is half of what bins and meters send.
    private var stuck: [StuckDetector]
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

    init(_ quantity: Quantity) {
        self.quantity = quantity
        stuck = StuckHabits(quantity).map { [StuckDetector($0)] } ?? []
        implausible = ImplausibleDetector(quantity)
    }

    /// Folds in a value; nil for what repeats itself by nature.
    ///
    /// - Parameter learnsForMs: how long after its first reading its habits are learned.
    mutating func observeRun(_ value: Double, atMs: Int64, learnsForMs: Int64) -> Finding? {
        guard !stuck.isEmpty else { return nil }
        let finding = stuck[0].observe(value, atMs: atMs, learnsForMs: learnsForMs)
        faults.isSuspicious = stuck[0].isSuspicious
        return finding
    }

    mutating func code(_ coder: inout StateCoder) {
        for place in stuck.indices { stuck[place].code(&coder) }
        coder.code(&implausible)
        coder.code(&faults.isStuck)
        coder.code(&faults.isImplausible)
        coder.code(&faults.wasFaulty)
        if coder.isReading { faults.isSuspicious = stuck.first?.isSuspicious == true }
    }
}
