internal import Readings

/// Makes flows of a meter's totals: what ran between two of them, over the time between.
///
/// A total that falls belongs to another meter, or to one that was set back: it begins anew. Totals further apart than
/// ``longestMs`` say nothing of whether the meter rested between them.
struct MeterTotal: Sendable, Equatable, StateCodable {
    static let longestMs: Int64 = 2 * 3_600_000

    private var atMs = Int64.min
    private var value = 0.0

    /// - Parameter total: in m³.
    /// - Returns: the mean flow since the total before, in L/h, where that can be told.
    mutating func observe(_ total: Double, atMs now: Int64) -> Double? {
        guard now > atMs else { return nil }
        let (beforeMs, before) = (atMs, value)
        (atMs, value) = (now, total)
        guard beforeMs != .min, total >= before, now - beforeMs <= Self.longestMs else { return nil }
        return (total - before) * 1000 / (Double(now - beforeMs) / 3_600_000)
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&atMs)
        coder.code(&value)
    }
}
