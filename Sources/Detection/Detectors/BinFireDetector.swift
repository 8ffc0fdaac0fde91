internal import Readings

/// Finds a bin that burns: hot, or hotter at once than just before.
///
/// - Complexity: O(4) a reading. Memory: 0.2 kB.
struct BinFireDetector: Sendable, Equatable, StateCodable {
    // Once in memory for all bins.
    private let shared: SharedParameters
    private var before = SortedWindow(capacity: 4)
    private var lastMs = Int64.min
    private var calmMs: Int64 = 0

    init(_ shared: SharedParameters) { self.shared = shared }

    private var parameters: BinParameters { shared.values.bin }

    /// Folds in a temperature, °C.
    mutating func observe(_ celsius: Double, atMs: Int64, isActive: Bool) -> Finding {
        // A morning warms a bin by 18 °C in four hours; only a rise between neighbouring readings is a fire's.
        if lastMs == .min || atMs - lastMs > 2 * hourMs { before.removeAll() }
        lastMs = atMs
        let usual = before.count > 0 ? before.median : celsius
        let threshold = before.count >= 2 ? min(parameters.fireC, usual + parameters.fireRiseC) : parameters.fireC
        let isBurning = celsius >= threshold
        let isCool = celsius < parameters.fireC - 5 && celsius < usual + parameters.fireRiseC / 2
        // The fire must not become the reference that hides it.
        if isCool || !isActive && !isBurning { before.append(celsius) }
        if !isBurning { calmMs = atMs }
        return Finding(
            condition: isBurning ? .critical : isCool ? .normal : .between, onsetMs: calmMs == 0 ? atMs : calmMs,
            score: max(0, celsius - usual), observed: celsius, expected: usual, threshold: threshold)
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&before)
        coder.code(&lastMs)
        coder.code(&calmMs)
    }
}
