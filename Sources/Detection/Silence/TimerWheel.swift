/// Timers for dense ids on a wheel of minutes: each id is armed at most once, for a moment that it can be late for by
/// one minute and never early.
///
/// A timer that lies beyond the wheel waits in its farthest bucket and is handed out early; the owner looks at the true
/// due time of whatever is handed out, and arms it again. That makes postponing free: nothing is moved until it is due.
///
/// - Complexity: O(1) to arm, O(1) for each id that is handed out, and one step a bucket that has passed.
/// - Memory: 4 bytes an id and 4 bytes a bucket.
/// - Source: Varghese & Lauck, "Hashed and Hierarchical Timing Wheels", SOSP 1987, scheme 4.
struct TimerWheel: Sendable, Equatable {
    private static let bucketMs: Int64 = 60_000
    private static let bucketCount: Int64 = 1024  // 17 hours
    private static let none: Int32 = -1

    /// First id of each bucket's list.
    private var heads: [Int32]
    /// The id after this one in its bucket.
    private var nexts: [Int32] = []
    /// Buckets up to this one have been handed out.
    private var passed = Int64.min

    init() { heads = Array(repeating: Self.none, count: Int(Self.bucketCount)) }

    /// Makes room for ids below `count`.
    mutating func grow(to count: Int) {
        while nexts.count < count { nexts.append(Self.none) }
    }

    /// Hands `id` out at the first chance at or after `dueMs`, which lies after `nowMs`.
    ///
    /// - Precondition: it is not armed.
    mutating func arm(_ id: Int, dueMs: Int64, nowMs: Int64) {
        let bucket = floorDivide(dueMs, Self.bucketMs) + 1
        if passed == .min { passed = floorDivide(nowMs, Self.bucketMs) }
        let clamped = min(max(bucket, passed + 1), passed + Self.bucketCount - 1)
        let slot = Int(floorModulo(clamped, Self.bucketCount))
        nexts[id] = heads[slot]
        heads[slot] = Int32(id)
    }

    /// The next id whose time has come, disarmed; nil when there is none left at `nowMs`.
    ///
    /// Until it returns nil for `nowMs`, ids may be armed for moments after `nowMs`.
    mutating func next(nowMs: Int64) -> Int? {
        guard passed != .min else { return nil }
        let now = floorDivide(nowMs, Self.bucketMs)
        // After a jump of the clock each bucket is looked at once.
        if now - passed >= Self.bucketCount { passed = now - Self.bucketCount + 1 }
        while passed < now {
            let slot = Int(floorModulo(passed + 1, Self.bucketCount))
            let id = heads[slot]
            if id != Self.none {
                heads[slot] = nexts[Int(id)]
                return Int(id)
            }
            passed += 1
        }
        return nil
    }
}
