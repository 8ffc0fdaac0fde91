internal import Readings
internal import TimeBase

/// Timers for dense ids on a wheel of minutes: each id is armed at most once, for a moment that it can be late for by
/// one minute and never early.
///
/// A timer that lies beyond the wheel waits in its farthest bucket and is handed out early; the owner looks at the true
/// due time of whatever is handed out, and arms it again. That makes postponing free: nothing is moved until it is due.
///
/// The ids of one bucket are handed out in ascending order, whatever the order in which they were armed: so each id's
/// bucket is all that there is to save of it.
///
/// - Complexity: O(1) to arm, O(log n) for each of n ids that are handed out together, and one step a bucket that has
///   passed.
/// - Memory: 6 bytes an id and 4 bytes a bucket.
/// - Source: Varghese & Lauck, "Hashed and Hierarchical Timing Wheels", SOSP 1987, scheme 4.
struct TimerWheel: Sendable {
    private static let bucketMs: Int64 = 60_000
    private static let bucketCount: Int64 = 1024  // 17 hours
    private static let none: Int32 = -1

    /// First id of each bucket's list.
    private var heads: [Int32]
    /// The id after this one in its bucket.
    private var nexts: [Int32] = []
    /// The bucket that an id is armed in, or -1.
    private var slots: [Int16] = []
    /// Buckets up to this one have been handed out.
    private var passed = Int64.min
    /// What is being handed out, the next one last.
    private var due: [Int32] = []

    init() { heads = Array(repeating: Self.none, count: Int(Self.bucketCount)) }

    /// Makes room for ids below `count`.
    mutating func grow(to count: Int) {
        while nexts.count < count {
            nexts.append(Self.none)
            slots.append(-1)
        }
    }

    /// The wheel begins to turn with the first time that it is told.
    mutating func start(nowMs: Int64) {
        if passed == .min { passed = floorDivide(nowMs, Self.bucketMs) }
    }

    func isArmed(_ id: Int) -> Bool { slots[id] >= 0 }

    /// Hands `id` out at the first chance at or after `dueMs`, which lies after `nowMs`.
    ///
    /// An id that is armed stays where it is: it is handed out early at worst, and its owner looks at the true time.
    ///
    /// - Precondition: the wheel has started.
    mutating func arm(_ id: Int, dueMs: Int64, nowMs: Int64) {
        guard !isArmed(id) else { return }
        let bucket = floorDivide(dueMs, Self.bucketMs) + 1
        let clamped = min(max(bucket, passed + 1), passed + Self.bucketCount - 1)
        place(id, in: Int16(floorModulo(clamped, Self.bucketCount)))
    }

    /// The next id whose time has come, disarmed; nil when there is none left at `nowMs`.
    ///
    /// Until it returns nil for `nowMs`, ids may be armed for moments after `nowMs`.
    mutating func next(nowMs: Int64) -> Int? {
        if let id = due.popLast() { return Int(id) }
        guard passed != .min else { return nil }
        let now = floorDivide(nowMs, Self.bucketMs)
        // After a jump of the clock each bucket is looked at once.
        if now - passed >= Self.bucketCount { passed = now - Self.bucketCount + 1 }
        while passed < now {
            passed += 1
            empty(Int(floorModulo(passed, Self.bucketCount)))
            if let id = due.popLast() { return Int(id) }
        }
        return nil
    }

    private mutating func empty(_ slot: Int) {
        var id = heads[slot]
        heads[slot] = Self.none
        while id != Self.none {
            due.append(id)
            slots[Int(id)] = -1
            id = nexts[Int(id)]
            nexts[Int(due[due.count - 1])] = Self.none
        }
        due.sort(by: >)
    }

    private mutating func place(_ id: Int, in slot: Int16) {
        slots[id] = slot
        nexts[id] = heads[Int(slot)]
        heads[Int(slot)] = Int32(id)
    }
}

extension TimerWheel: Equatable {
    /// Whether both hand out the same at the same times: the order within a bucket's list is nobody's business.
    static func == (a: TimerWheel, b: TimerWheel) -> Bool {
        a.passed == b.passed && a.slots == b.slots && a.due == b.due
    }
}

extension TimerWheel {
    /// Between two handings-out: how far the wheel has turned.
    mutating func codeTurn(_ coder: inout StateCoder) { coder.code(&passed) }

    /// One id's timer, into a wheel where it is not armed.
    mutating func code(_ id: Int, _ coder: inout StateCoder) {
        var slot = Int(slots[id])
        coder.code(&slot, in: -1...Int(Self.bucketCount - 1))
        if coder.isReading, coder.problem == nil, slot >= 0 { place(id, in: Int16(slot)) }
    }
}
