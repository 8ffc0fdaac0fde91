internal import Readings

/// Watches a level meter's lens: a bag or a spider over it reads as full, an echo that never returns as empty.
///
/// A jump to the very top is doubtful for eight hours; if no level has left the top two steps by then, the lens is
/// blocked: a heap of rubbish trembles and settles. So it is after 36 hours at zero: bins get litter.
///
/// - Complexity: O(1). Memory: 40 bytes.
struct LensMonitor: Sendable, Equatable, StateCodable {
    private var jumpedMs = Int64.min
    /// Until then the median follows a jump that turned out to be rubbish.
    private var trustedUntilMs = Int64.min
    private var zeroSinceMs = Int64.min
    private var lowReadings = 0
    /// The lowest level since the jump.
    private var lowest = 100.0
    private(set) var isBlocked = false
    private(set) var sinceMs: Int64 = 0

    /// Whether the level cannot be believed, at least for now.
    var isDoubtful: Bool { isBlocked || jumpedMs != .min }

    /// `median`: of the levels before this one.
    mutating func observe(_ level: Double, median: Double, count: Int, atMs: Int64) {
        if level > 1 {
            if isBlocked, sinceMs == zeroSinceMs { isBlocked = false }
            zeroSinceMs = .min
        } else if zeroSinceMs == .min {
            zeroSinceMs = atMs
        }
        if zeroSinceMs != .min, atMs - zeroSinceMs >= 36 * hourMs { block(since: zeroSinceMs) }
        if jumpedMs == .min, !isBlocked, atMs >= trustedUntilMs, count >= 4, level >= 97, level - median >= 35 {
            (jumpedMs, lowest) = (atMs, 100)
        }
        guard jumpedMs != .min else { return }
        lowest = min(lowest, level)
        lowReadings = level < 97 ? lowReadings + 1 : 0
        if lowReadings >= 2 {
            (jumpedMs, isBlocked, lowReadings) = (.min, false, 0)
        } else if lowest < 99, !isBlocked {
            (jumpedMs, trustedUntilMs) = (.min, atMs + 6 * hourMs)
        } else if atMs - jumpedMs >= 8 * hourMs {
            block(since: jumpedMs)
        }
    }

    private mutating func block(since ms: Int64) {
        isBlocked = true
        sinceMs = ms
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&jumpedMs)
        coder.code(&trustedUntilMs)
        coder.code(&zeroSinceMs)
        coder.code(&lowReadings)
        coder.code(&lowest)
        coder.code(&isBlocked)
        coder.code(&sinceMs)
    }
}
