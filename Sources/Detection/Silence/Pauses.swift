internal import Readings

/// How long a sensor pauses that often pauses.
///
/// A registry states an interval; what is measured as traffic passes, or sent through a bad link, doesn't keep it. Such
/// a sensor shows it: many of its gaps are longer than what silence begins with. Then its longest pause tells what
/// silence is for it. A sensor that keeps its interval never gets there by a few outages.
///
/// - The **habit** begins with five pauses within the memory of 256 gaps, and ends when less than one of them is left. A
///   night's pause counts up to three for a sensor that is heard often: 256 gaps of five minutes are a day, and one that
///   sleeps each night does so by habit.
/// - The **longest** pause forgets over 4 096 gaps. One pause at most doubles it, so that one long outage doesn't become
///   what is usual, while a sensor of new habits is known after a handful. Silence is twice the longest pause: gaps that
///   long are told apart by their size alone.
///
/// - Complexity: O(1), integers. Memory: 12 bytes.
struct Pauses: Sendable, Equatable, StateCodable, BitwiseCopyable {
    /// The weight of a pause that has just ended; also the gaps that the memory spans.
    private static let one: Int32 = 256
    /// A regular sensor's outages are weeks apart: so many within the memory are a habit.
    private static let habit: Int32 = 4 * one

    /// A pause as long as a night, or its better part, ms.
    private static let nightMs: Int64 = 4 * hourMs
    /// Recent pauses are counted up to here.
    private static let most: Int32 = 65_536

    /// Pauses within the memory, by weight.
    private var recent: Int32 = 0
    /// The longest pause, ms: 24 days at most.
    private var longest: Int32 = 0
    private var isHabit = false

    /// What silence must exceed, ms; 0 for a sensor that seldom pauses.
    var silenceMs: Int64 { isHabit ? 2 * Int64(longest) : 0 }

    /// A gap has ended that was the sensor's own, and no outage of what it is heard through.
    /// - Parameter intervalMs: What it is expected to keep. Shorter gaps than half of it are the inside of a burst, or
    ///   history sent at once, and tell nothing.
    /// - Parameter allowedMs: Longer gaps than this would be silence for a sensor of regular habits.
    mutating func ended(afterMs gapMs: Int64, intervalMs: Int64, allowedMs: Int64) {
        guard gapMs * 2 >= intervalMs else { return }
        recent -= (recent + Self.one - 1) / Self.one
        if gapMs > allowedMs {
            recent = min(recent + Self.weight(ofMs: gapMs, intervalMs: intervalMs), Self.most)
            longest = max(longest, Int32(clamping: min(gapMs, 2 * max(Int64(longest), allowedMs))))
        } else {
            longest -= longest >> 12
        }
        isHabit = recent > (isHabit ? Self.one : Self.habit)
    }

    /// A night's pause weighs one more for each 128 intervals in a day, and two more at most.
    private static func weight(ofMs gapMs: Int64, intervalMs: Int64) -> Int32 {
        guard gapMs >= nightMs, intervalMs > 0 else { return one }
        return one + Int32(min(2 * Int64(one), dayMs * Int64(one) / intervalMs / 128))
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&recent)
        coder.code(&longest)
        coder.code(&isHabit)
        coder.require((0...Self.most).contains(recent) && longest >= 0, .badValue, "a sensor's pauses")
    }
}
