import Readings

/// Finds a device whose clock is wrong: for an hour everything that it says has been said in the future, or comes later by
/// one and the same time than it used to.
///
/// What is of the future is taken at its arrival, and what is behind is still taken at its word, so that the street is
/// watched; but orders, durations and times of day are wrong, and somebody should set the clock.
///
/// - Complexity: O(1). Memory: 96 bytes.
struct ClockDetector: Sendable, Equatable, StateCodable {
    private var sinceMs: Int64 = 0
    private var count = 0
    private var lag = Lag()

    /// Folds in a reading, whatever its flags: one that is late tells as much of the clock.
    mutating func observe(_ reading: Reading) -> Finding {
        let isAhead = reading.flags.contains(.clockAhead)
        guard isAhead else {
            count = 0
            return lag.observe(reading)
        }
        lag.interrupt()
        if count == 0 { sinceMs = reading.observedAtMs }
        count = min(count + 1, 1_000_000)
        let lasted = count >= 3 && reading.observedAtMs - sinceMs >= hourMs
        let aheadMs = Int64(reading.claimedS) * 1000 - reading.observedAtMs
        return Self.finding(lasted ? .abnormal : .between, aheadMs: aheadMs, sinceMs: sinceMs)
    }

    /// Our own clock was set ahead, or stood still: who was not behind before is not behind now.
    mutating func forgetUsual() { lag.forgetUsual() }

    /// What is observed is how far the clock is ahead, in minutes; behind, below 0.
    fileprivate static func finding(_ condition: Verdict.Condition, aheadMs: Int64, sinceMs: Int64) -> Finding {
        let minutesAhead = Double(aheadMs) / Double(minuteMs)
        return Finding(
            condition: condition, onsetMs: sinceMs, score: abs(minutesAhead), observed: minutesAhead, expected: 0,
            threshold: 0)
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&sinceMs)
        coder.code(&count)
    }

    /// What ``code(_:)`` did not hold once.
    mutating func codeLater(_ coder: inout StateCoder) { coder.code(&lag) }
}

extension ClockDetector {
    /// How long after its time each message of a device comes: the least among its readings.
    ///
    /// A queue, an outage, a night without a connection make that swing, and the last of what had waited comes as soon as ever.
    /// A clock that was set back adds the same to each. So only what holds still counts: six messages and an hour within ten
    /// minutes of each other, half an hour and more above the least that ever held so still. A device that always tells of
    /// the hour before, or once a day of the night, is no later than it ever was.
    private struct Lag: Sendable, Equatable, StateCodable, BitwiseCopyable {
        /// What links and schedules make of one and the same lag.
        private static let swingMs = 10 * minuteMs
        /// Less than a zone or a summer time off is no more than a slow link.
        private static let shiftMs = 30 * minuteMs

        /// The message in hand: when it came, and its least lag.
        private var arrivedAtMs = Int64.min
        private var leastMs: Int64 = 0
        /// The messages in a row that came with about the same lag.
        private var levelMs: Int64 = 0
        private var sinceMs: Int64 = 0
        private var untilMs: Int64 = 0
        private var count = 0
        /// The least level that lasted.
        private var usualMs: Int64?

        /// What comes next begins a row.
        mutating func interrupt() { (arrivedAtMs, count) = (.min, 0) }

        /// What is usual is to be learned anew, unless the device is known to be behind.
        mutating func forgetUsual() {
            if let usualMs, isSettled, levelMs - usualMs >= Self.shiftMs { return }
            interrupt()
            usualMs = nil
        }

        mutating func observe(_ reading: Reading) -> Finding {
            let lagMs = max(reading.arrivedAtMs - reading.observedAtMs, 0)
            if reading.arrivedAtMs == arrivedAtMs {
                leastMs = min(leastMs, lagMs)
            } else {
                if arrivedAtMs != .min { endMessage() }
                (arrivedAtMs, leastMs) = (reading.arrivedAtMs, lagMs)
            }
            guard let usualMs, count > 0, levelMs - usualMs >= Self.shiftMs else {
                return .normal(0, atMs: reading.arrivedAtMs)
            }
            return ClockDetector.finding(
                isSettled ? .abnormal : .between, aheadMs: usualMs - levelMs, sinceMs: sinceMs)
        }

        private var isSettled: Bool { count >= 6 && untilMs - sinceMs >= hourMs }

        private mutating func endMessage() {
            if count == 0 || abs(leastMs - levelMs) > Self.swingMs || arrivedAtMs < untilMs {
                (levelMs, sinceMs, count) = (leastMs, arrivedAtMs, 0)
            }
            untilMs = arrivedAtMs
            count = min(count + 1, 1_000_000)
            if isSettled { usualMs = min(usualMs ?? levelMs, levelMs) }
        }

        mutating func code(_ coder: inout StateCoder) {
            coder.code(&arrivedAtMs)
            coder.code(&leastMs)
            coder.code(&levelMs)
            coder.code(&sinceMs)
            coder.code(&untilMs)
            coder.code(&count, in: 0...1_000_000)
            coder.code(&usualMs)
        }
    }
}
