public import Readings

/// The large steps of the past, so that one that comes daily, or has come often, is told from one that is news: a pump, a
/// street's lamps, a shop that opens; a processor that is busy now and then.
///
/// A step is like another that goes the same way and is at least seven tenths as large. It is usual
/// - if one like it came at this time of yesterday,
/// - or if three like it are remembered that did not come daily. Those that do say nothing of another time of day.
///
/// - Complexity: O(16). Nothing allocates after `init`. Memory: 0.3 kB.
public struct LargeSteps: Sendable, Equatable, StateCodable {
    /// Steps that are remembered: the oldest go.
    public static let capacity = 16
    /// How far from the same time of day, and how much smaller, an earlier step may have been.
    private static let toleranceMs = 20 * minuteMs, leastShare = 0.7
    /// The third time one knows it.
    private static let often = 3

    private var timesMs: [Int64]
    private var steps: [Double]
    private var areDaily: [Bool]
    private var next = 0

    public init() {
        timesMs = Array(repeating: .min / 2, count: Self.capacity)
        steps = Array(repeating: 0, count: Self.capacity)
        areDaily = Array(repeating: false, count: Self.capacity)
    }

    /// Remembers a step that is not 0. Event time must not run backwards.
    ///
    /// - Returns: Whether it was usual already.
    public mutating func append(_ step: Double, atMs: Int64) -> Bool {
        let yesterday = (atMs - dayMs - Self.toleranceMs)...(atMs - dayMs + Self.toleranceMs)
        var (isDaily, others) = (false, 0)
        for slot in steps.indices where steps[slot] * step > 0 && abs(steps[slot]) >= Self.leastShare * abs(step) {
            if yesterday.contains(timesMs[slot]) { isDaily = true }
            if !areDaily[slot] { others += 1 }
        }
        (timesMs[next], steps[next], areDaily[next]) = (atMs, step, isDaily)
        next = (next + 1) % Self.capacity
        return isDaily || others >= Self.often
    }

    public mutating func code(_ coder: inout StateCoder) {
        coder.code(&timesMs)
        coder.code(&steps)
        for slot in areDaily.indices { coder.code(&areDaily[slot]) }
        coder.code(&next, in: 0...(Self.capacity - 1))
    }
}
