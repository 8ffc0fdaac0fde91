import Readings

/// Finds a sensor that repeats one value, longer than it ever did while its habits were learned.
///
/// A level that is sent in percents trembles by its last digit: it is stuck when nine tenths of a day's readings are equal.
/// One that is sent in steps of five rests on a step, and as many times longer as its step is wider.
///
/// - Complexity: O(1) a reading; O(24) for bins. Memory: 0.1 kB; 0.5 kB for bins.
struct StuckDetector: Sendable, Equatable, StateCodable {
    private let habits: StuckHabits
    private let learnsForMs: Int64
    private var run = RunLength()
    private var firstMs = Int64.min
    private var wasStuck = false
    /// For levels that tremble by a rounding step: none of the inner nine tenths of a day of readings moved.
    private var range: SortedWindow?
    private var rangeTimesMs: [Int64]
    private var rangeNext = 0
    /// For levels: the least distance between two readings in a row that was seen, 1 to 10 percent and 0 before the first, and
    /// how many readings the range has had no width.
    private var step: UInt8 = 0, restingReadings: UInt8 = 0

    init(_ habits: StuckHabits, learnsForMs: Int64) {
        self.habits = habits
        self.learnsForMs = learnsForMs
        range = habits.isRanged ? SortedWindow(capacity: Int(habits.leastRun)) : nil
        rangeTimesMs = habits.isRanged ? Array(repeating: 0, count: Int(habits.leastRun)) : []
    }

    /// Folds in a value. Normal while it moves, abnormal while it is stuck.
    mutating func observe(_ value: Double, atMs: Int64) -> Finding {
        if firstMs == .min { firstMs = atMs }
        if range != nil, run.count > 0, value != run.value {
            let seen = UInt8(min(max(abs(value - run.value), 1), 10))
            step = step == 0 ? seen : min(step, seen)
        }
        // What was told as a fault is no habit.
        run.append(value, atMs: atMs, isLearning: atMs - firstMs < learnsForMs && !wasStuck)
        if range != nil { return observeRange(value, atMs: atMs) }
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
        if range != nil { return (50..<97).contains(run.value) && run.count >= max(4, usual + 2) }
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
        range?.append(value)
        let oldestMs = rangeTimesMs[rangeNext]
        rangeTimesMs[rangeNext] = atMs
        rangeNext = (rangeNext + 1) % rangeTimesMs.count
        let width = range.map { $0.quantile(0.95) - $0.quantile(0.05) } ?? 0
        restingReadings = range?.isFull == true && width == 0 ? min(restingReadings, 254) + 1 : 0
        let limit = Int(habits.leastRun) * max(Int(step), 1)
        // Who has not moved yet may be one of those that rest all night.
        let leastMs = step == 0 ? dayMs : StuckHabits.leastMs
        let isLong = oldestMs > 0 && atMs - (step == 0 ? firstMs : oldestMs) >= leastMs
        // A full bin rests at the top; whether its lens is blocked is the level detector's to say.
        let isStuck = isLong && Int(restingReadings) > limit - Int(habits.leastRun) && value < 97
        wasStuck = isStuck
        return Finding(
            condition: isStuck ? .abnormal : .normal, onsetMs: isStuck && oldestMs > 0 ? oldestMs : atMs,
            score: Double(run.count), observed: value, expected: value, threshold: Double(limit))
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&run)
        coder.code(&firstMs)
        coder.code(&wasStuck)
        if range != nil { range?.code(&coder) }
        coder.code(&step)
        coder.code(&restingReadings)
        coder.code(&rangeTimesMs)
        coder.code(&rangeNext, in: 0...max(0, rangeTimesMs.count - 1))
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
