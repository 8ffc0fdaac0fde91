import Readings

/// Finds a device whose clock runs ahead: for an hour everything that it says has been said in the future.
///
/// Such readings are taken at their arrival, so that the street is still watched; but their order and their durations
/// are the network's, and somebody should set the clock.
///
/// - Complexity: O(1). Memory: 24 bytes.
struct ClockDetector: Sendable, Equatable, StateCodable {
    private var sinceMs: Int64 = 0
    private var count = 0

    /// Folds in a reading's flags.
    mutating func observe(_ reading: Reading) -> Finding {
        let isAhead = reading.flags.contains(.clockAhead)
        if isAhead, count == 0 { sinceMs = reading.observedAtMs }
        count = isAhead ? min(count + 1, 1_000_000) : 0
        let lasted = isAhead && count >= 3 && reading.observedAtMs - sinceMs >= hourMs
        let aheadMs = isAhead ? Int64(reading.claimedS) * 1000 - reading.observedAtMs : 0
        let minutesAhead = Double(aheadMs) / Double(minuteMs)
        return Finding(
            condition: lasted ? .abnormal : isAhead ? .between : .normal,
            onsetMs: isAhead ? sinceMs : reading.observedAtMs, score: max(0, minutesAhead), observed: minutesAhead,
            expected: 0, threshold: 0)
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&sinceMs)
        coder.code(&count)
    }
}
