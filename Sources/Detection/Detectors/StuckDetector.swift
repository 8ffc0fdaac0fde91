import Readings

/// Finds a sensor that repeats one value, longer than it ever did while its habits were learned.
///
/// A level that is sent in percents trembles by its last digit: it is stuck when nine tenths of a day's readings are equal.
/// One that is sent in steps of five rests on a step, and as many times longer as its step is wider.
///
/// - Complexity: O(1) a reading; O(24) for bins. Memory: 0.1 kB; 0.3 kB for bins.
struct StuckDetector: Sendable, Equatable, StateCodable {
    private let habits: StuckHabits
    private var run = RunLength()
    private var firstMs = Int64.min
    private var wasStuck = false
    /// For levels that tremble by a rounding step: none of the inner nine tenths of a day of readings moved. On the heap, so that
    /// what has none pays one word.
    private var range: [RestingRange]
    /// For levels: the least distance between two readings in a row that was seen, 1 to 10 percent and 0 before the first, and
    /// how many readings the range has had no width.
    private var step: UInt8 = 0, restingReadings: UInt8 = 0

    init(_ habits: StuckHabits) {
        self.habits = habits
        range = habits.isRanged ? [RestingRange(capacity: Int(habits.leastRun))] : []
    }

    /// Folds in a value. Normal while it moves, abnormal while it is stuck.
    ///
    /// - Parameter learnsForMs: how long after the first reading its habits are learned.
    mutating func observe(_ value: Double, atMs: Int64, learnsForMs: Int64) -> Finding {
        if firstMs == .min { firstMs = atMs }
        if habits.isRanged, run.count > 0, value != run.value {
            let seen = UInt8(min(max(abs(value - run.value), 1), 10))
            step = step == 0 ? seen : min(step, seen)
        }
        // What was told as a fault is no habit.
        run.append(value, atMs: atMs, isLearning: atMs - firstMs < learnsForMs && !wasStuck)
        if habits.isRanged { return observeRange(value, atMs: atMs) }
        let limit = self.limit
        let isStuck = run.count >= limit && atMs - run.sinceMs >= StuckHabits.leastMs
        wasStuck = isStuck
        return Finding(
            condition: isStuck ? .abnormal : .normal, onsetMs: run.sinceMs, score: Double(run.count),
            observed: value, expected: value, threshold: Double(limit == .max ? 0 : limit))
    }

    /// Whether the run is already longer than usual, so that street rules should wait for it to end.
    var isSuspicious: Bool {
        let usual = run.value == 0 ? run.longestZeros : run.longestOthers
        // Levels tremble by a step or two and repeat themselves by chance; at the brim they rest. What is half empty opens
        // nothing, and need not wait.
        if habits.isRanged { return (50..<97).contains(run.value) && run.count >= max(4, usual + 2) }
        return limit != .max && run.count >= max(3, usual + 2)
    }

    private var limit: Int {
        if run.value == 0 {
            guard let least = habits.leastZeros else { return .max }
            return max(Int(least), 3 * run.longestZeros)
        }
        return max(Int(habits.leastRun), 3 * run.longestOthers)
    }

    private mutating func observeRange(_ value: Double, atMs: Int64) -> Finding {
        let oldestMs = range[0].append(value, atMs: atMs)
        restingReadings = range[0].isResting ? min(restingReadings, 254) + 1 : 0
        let limit = Int(habits.leastRun) * max(Int(step), 1)
        // Who has not moved yet may be one of those that rest all night.
        let leastMs = step == 0 ? dayMs : StuckHabits.leastMs
        let isLong = oldestMs.map { atMs - (step == 0 ? firstMs : $0) >= leastMs } ?? false
        // A full bin rests at the top; whether its lens is blocked is the level detector's to say.
        let isStuck = isLong && Int(restingReadings) > limit - Int(habits.leastRun) && value < 97
        wasStuck = isStuck
        return Finding(
            condition: isStuck ? .abnormal : .normal, onsetMs: isStuck ? oldestMs ?? atMs : atMs,
            score: Double(run.count), observed: value, expected: value, threshold: Double(limit))
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&run)
        coder.code(&firstMs)
        coder.code(&wasStuck)
        if habits.isRanged { range[0].codeValues(&coder) }
        coder.code(&step)
        coder.code(&restingReadings)
        guard !habits.isRanged else { return range[0].codeTimes(&coder) }
        // Without a range: no times, and no place among them.
        var (times, place): ([Int64], Int) = ([], 0)
        coder.code(&times)
        coder.code(&place, in: 0...0)
    }
}

/// How often a quantity may repeat itself. Four bytes: each sensor holds it for each of its quantities.
struct StuckHabits: Sendable, Equatable, BitwiseCopyable {
    /// Equal readings in a row that are too many, at least.
    var leastRun: UInt8
    /// The same for zeros; nil where zero is ordinary for ever.
    var leastZeros: UInt8?
    /// And this much event time, so that quick sensors are not blamed for a quiet minute.
    static let leastMs: Int64 = 30 * minuteMs
    /// Whether the 5–95 % range of the last readings counts, and not the run.
    var isRanged = false

    /// Nil for what repeats itself by nature.
    init?(_ quantity: Quantity) {
        switch quantity {
        case .flow: (leastRun, leastZeros) = (8, 8)
        case .pressure, .noise: (leastRun, leastZeros) = (8, 8)
        // A leak of 5 L/h is 5 L/h for days; only a large constant flow is odd, and that is a leak too.
        case .meterFlow: return nil
        case .vehicleFlow: (leastRun, leastZeros) = (6, 24)
        case .occupancy, .speed: (leastRun, leastZeros) = (6, nil)
        case .fill: (leastRun, leastZeros, isRanged) = (24, nil, true)
        case .generic: (leastRun, leastZeros) = (24, nil)
        case .wetness, .temperature, .tilt, .battery, .volume, .vehicleFlowPart, .speedPart: return nil
        }
    }
}
