/// Watches a level meter's lens: a bag or a spider over it reads as full, an echo that never returns as empty.
///
/// A jump to the very top is doubtful for four hours; if it is still flat at the top then, the lens is blocked. So it
/// is after 36 hours at zero: bins get litter.
///
/// - Complexity: O(1). Memory: 40 bytes.
struct LensMonitor: Sendable, Equatable {
    private var jumpedMs = Int64.min
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
        if jumpedMs == .min, !isBlocked, count >= 4, level >= 97, level - median >= 35 {
            (jumpedMs, lowest) = (atMs, 100)
        }
        guard jumpedMs != .min else { return }
        lowest = min(lowest, level)
        lowReadings = level < 97 ? lowReadings + 1 : 0
        if lowReadings >= 2 {
            (jumpedMs, isBlocked, lowReadings) = (.min, false, 0)
        } else if atMs - jumpedMs >= 4 * hourMs {
            if lowest >= 99 { block(since: jumpedMs) } else if !isBlocked { jumpedMs = .min }
        }
    }

    private mutating func block(since ms: Int64) {
        isBlocked = true
        sinceMs = ms
    }
}
