internal import Readings

/// How much one sensor may say, so that one flooding device can't fill the store or delay the others.
///
/// A generic cell rate algorithm (the leaky bucket as a meter), twice: once against arrival times and once against event
/// times. A reading passes when either has room: a device that sends what it had kept during an outage is fast in arrival
/// but not in event time. Only what passes moves the state, and what passes is logged, so replay gives the same state.
///
/// - Complexity: O(1); 24 bytes a sensor.
/// - Source: ITU-T I.371 (2004), annex A.
struct ReadingQuota: Sendable, Equatable, StateCodable {
    /// What is allowed.
    struct Limits: Sendable, Equatable {
        /// Microseconds between two readings at the sustained rate.
        let intervalUs: Int64
        /// How far ahead of that rate a sensor may be, microseconds.
        let toleranceUs: Int64

        /// - Parameters:
        ///   - perSecond: readings a second that may go on for ever; above 0.
        ///   - burst: readings that may come at once.
        init(perSecond: Double, burst: Int) {
            precondition(perSecond > 0 && burst > 0, "a quota must allow something: \(perSecond)/s, \(burst) at once")
            intervalUs = max(1, Int64((1_000_000 / perSecond).rounded()))
            toleranceUs = intervalUs * Int64(burst - 1)
        }
    }

    /// Going back in event time by more than the burst starts that meter anew, as back-fill does; at most this often.
    private static let backFillEveryMs: Int64 = 60_000

    // When the next reading would be due at the sustained rate, in microseconds since the Unix epoch.
    var dueByArrivalUs = Int64.min
    var dueByEventUs = Int64.min
    /// When the event meter was last started anew, by arrival.
    var backFillAtMs = Int64.min

    /// Whether the reading may pass. Changes nothing.
    func allows(_ reading: Reading, _ limits: Limits) -> Bool {
        dueByArrivalUs <= reading.arrivedAtMs * 1000 + limits.toleranceUs
            || dueByEventUs <= reading.observedAtMs * 1000 + limits.toleranceUs || startsBackFill(reading, limits)
            || arrivedEarlier(reading, limits)
    }

    /// The reading has passed.
    mutating func spend(_ reading: Reading, _ limits: Limits) {
        if startsBackFill(reading, limits) {
            dueByEventUs = .min
            backFillAtMs = reading.arrivedAtMs
        }
        if arrivedEarlier(reading, limits) { dueByArrivalUs = .min }
        dueByArrivalUs = Self.next(dueByArrivalUs, reading.arrivedAtMs, limits)
        dueByEventUs = Self.next(dueByEventUs, reading.observedAtMs, limits)
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&dueByArrivalUs)
        coder.code(&dueByEventUs)
        coder.code(&backFillAtMs)
    }

    /// Whether arrival has gone back: our clock was set back, or another connection was read first. No flood does that: a
    /// meter is at most the tolerance and one interval ahead of the newest reading. It starts anew.
    private func arrivedEarlier(_ reading: Reading, _ limits: Limits) -> Bool {
        dueByArrivalUs > reading.arrivedAtMs * 1000 + limits.toleranceUs + limits.intervalUs
    }

    private func startsBackFill(_ reading: Reading, _ limits: Limits) -> Bool {
        // The due time is at most one tolerance and one interval ahead of the last reading's.
        guard dueByEventUs != .min else { return false }
        let newestUs = dueByEventUs - limits.toleranceUs - limits.intervalUs
        guard reading.observedAtMs * 1000 + limits.toleranceUs < newestUs else { return false }
        return backFillAtMs == .min || reading.arrivedAtMs >= backFillAtMs + Self.backFillEveryMs
            || reading.arrivedAtMs < backFillAtMs
    }

    /// Never farther ahead than the tolerance and one reading: what the other meter let through costs nothing later.
    private static func next(_ dueUs: Int64, _ atMs: Int64, _ limits: Limits) -> Int64 {
        let atUs = atMs * 1000
        return min(max(dueUs, atUs), atUs + limits.toleranceUs) + limits.intervalUs
    }
}
