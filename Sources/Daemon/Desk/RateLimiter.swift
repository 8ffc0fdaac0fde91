/// How often something may be done: so many times a minute, and a sixth of that at once.
///
/// The generic cell rate algorithm: one number for each who asks. Time is an argument.
/// - Source: ITU-T I.371, annex A.
package struct RateLimiter<Asker: Hashable & Sendable> {
    /// Those who are remembered at most. Whoever has been quiet costs nothing to forget.
    private static var capacity: Int { 20_000 }

    /// When each would have used up what he may, in microseconds.
    private var dueUs: [Asker: Int64] = [:]

    package init() {}

    /// Takes one use.
    /// - Returns: nil if it is allowed, else after how many milliseconds the next one is.
    package mutating func take(_ asker: Asker, perMinute rate: Int, atMs nowMs: Int64) -> Int64? {
        let (nowUs, stepUs) = (nowMs * 1000, 60_000_000 / Int64(rate))
        let burstUs = stepUs * Int64(max(1, rate / 6))
        let due = max(dueUs[asker] ?? nowUs, nowUs)
        if due + stepUs > nowUs + burstUs { return (due + stepUs - nowUs - burstUs + 999) / 1000 }
        if dueUs[asker] == nil, dueUs.count >= Self.capacity { forget(atUs: nowUs) }
        dueUs[asker] = due + stepUs
        return nil
    }

    private mutating func forget(atUs nowUs: Int64) {
        dueUs = dueUs.filter { $0.value > nowUs }
        // All of them busy at once: more than any city's reporters.
        if dueUs.count >= Self.capacity { dueUs.removeAll() }
    }
}
