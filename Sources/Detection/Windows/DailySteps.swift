public import Readings

/// The large steps of the last days, so that one that comes daily is told from one that is news: a pump, a street's lamps, a
/// shop that opens.
///
/// - Complexity: O(16). Nothing allocates after `init`. Memory: 0.3 kB.
public struct DailySteps: Sendable, Equatable, StateCodable {
    /// Steps that are remembered: the oldest go.
    public static let capacity = 16
    /// How far from the same time of day, and how much smaller, yesterday's step may have been.
    private static let toleranceMs = 20 * minuteMs, leastShare = 0.7

    private var timesMs: [Int64]
    private var steps: [Double]
    private var next = 0

    public init() {
        timesMs = Array(repeating: .min / 2, count: Self.capacity)
        steps = Array(repeating: 0, count: Self.capacity)
    }

    /// Whether a step like this, the same way, came at this time of the day before.
    public func contains(_ step: Double, atMs: Int64) -> Bool {
        let yesterday = (atMs - dayMs - Self.toleranceMs)...(atMs - dayMs + Self.toleranceMs)
        return timesMs.indices.contains { slot in
            yesterday.contains(timesMs[slot]) && steps[slot] * step > 0
                && abs(steps[slot]) >= Self.leastShare * abs(step)
        }
    }

    public mutating func append(_ step: Double, atMs: Int64) {
        (timesMs[next], steps[next]) = (atMs, step)
        next = (next + 1) % Self.capacity
    }

    public mutating func code(_ coder: inout StateCoder) {
        coder.code(&timesMs)
        coder.code(&steps)
        coder.code(&next, in: 0...(Self.capacity - 1))
    }
}
