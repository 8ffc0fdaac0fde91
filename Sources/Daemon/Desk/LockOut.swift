/// Keeps addresses that send wrong keys waiting, longer each time.
///
/// Nobody guesses a key; this keeps those who try from filling logs and from costing anything. Time is an argument.
package struct LockOut {
    /// Wrong keys that anyone may send before he has to wait.
    package static let free = 5
    private static let firstMs: Int64 = 1000
    private static let longestMs: Int64 = 15 * 60_000
    /// An address is forgotten after this time without a wrong key.
    private static let forgottenAfterMs: Int64 = 60 * 60_000
    /// Addresses that are remembered at most; then the one that was quiet for longest is forgotten.
    private static let capacity = 10_000

    private struct Record {
        var wrong = 0
        var lockedUntilMs: Int64 = 0
        var lastMs: Int64
    }

    private var records: [String: Record] = [:]

    package init() {}

    /// How long the address still has to wait, in milliseconds; nil if it need not.
    package func wait(_ address: String, atMs nowMs: Int64) -> Int64? {
        guard let record = records[address], record.lockedUntilMs > nowMs else { return nil }
        return record.lockedUntilMs - nowMs
    }

    /// Notes a wrong key.
    package mutating func noteWrong(_ address: String, atMs nowMs: Int64) {
        if records[address] == nil, records.count >= Self.capacity { forget(atMs: nowMs) }
        var record = records[address] ?? Record(lastMs: nowMs)
        if nowMs - record.lastMs > Self.forgottenAfterMs { record = Record(lastMs: nowMs) }
        record.wrong += 1
        record.lastMs = nowMs
        if record.wrong >= Self.free {
            let doublings = min(record.wrong - Self.free, 20)
            record.lockedUntilMs = nowMs + min(Self.firstMs << doublings, Self.longestMs)
        }
        records[address] = record
    }

    private mutating func forget(atMs nowMs: Int64) {
        records = records.filter { nowMs - $0.value.lastMs <= Self.forgottenAfterMs }
        guard records.count >= Self.capacity, let oldest = records.min(by: { $0.value.lastMs < $1.value.lastMs }) else {
            return
        }
        records[oldest.key] = nil
    }
}
