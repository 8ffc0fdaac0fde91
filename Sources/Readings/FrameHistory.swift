/// The frame counters of one device: which frames were lost, came twice or late, and when it began anew.
///
/// LoRaWAN servers publish at QoS 0, so that only the counter reveals a loss. Pure; 40 bytes a device.
public struct FrameHistory: Sendable, Equatable, BitwiseCopyable {
    /// What a frame's counter says.
    public enum Finding: Sendable, Equatable {
        /// The first of a device, of which nothing was known before.
        case first
        /// Newer than all before; so many between are missing.
        case next(lost: Int)
        /// Seen before.
        case duplicate
        /// Missing until now: it counted as lost and does so no longer.
        case reordered
        /// The device counts from the beginning again without having joined anew: it was restarted.
        case reset
        /// The device has joined the network anew; so many frames of the new session are missing.
        case rejoined(lost: Int)
    }

    /// A counter that leaps further ahead than this is another device's count (LoRaWAN 1.0.3 §4.3.1.5, MAX_FCNT_GAP).
    public static let longestGap: Int64 = 16_384

    /// The session of the last frame, as ``FrameInfo/session``.
    private var session: UInt64 = 0
    /// -1 before the first frame.
    private var highest: Int64 = -1
    /// Event time of the frame with the highest counter.
    private var highestAtMs = Int64.min
    /// Bit n: the frame `highest - n` has been seen.
    private var seen: UInt64 = 0
    private var isJoining = false

    public init() {}

    /// The device has said that it joins, or the server that it let the counter begin anew.
    public mutating func join() { isJoining = true }

    /// Folds in a frame.
    ///
    /// A counter that is not above the highest is a repetition or a latecomer if its time is not above either; a newer
    /// frame with an older counter is a device that began anew. The server's time of reception is what tells.
    public mutating func observe(counter: Int64, session: UInt64, atMs: Int64) -> Finding {
        let isOther = isJoining || (session != 0 && self.session != 0 && session != self.session)
        let wasKnown = highest >= 0
        if session != 0 { self.session = session }
        if !wasKnown || isOther {
            // A latecomer of the session before says nothing of this one.
            if wasKnown, atMs < highestAtMs { return .duplicate }
            begin(counter, atMs)
            let lost = counter < Self.longestGap ? Int(counter) : 0
            return wasKnown ? .rejoined(lost: lost) : .first
        }
        if counter > highest {
            let gap = counter - highest
            guard gap <= Self.longestGap else {
                begin(counter, atMs)
                return .reset
            }
            seen = gap < 64 ? seen << UInt64(gap) | 1 : 1
            (highest, highestAtMs) = (counter, max(highestAtMs, atMs))
            return .next(lost: Int(gap) - 1)
        }
        if atMs > highestAtMs {
            begin(counter, atMs)
            return .reset
        }
        let below = highest - counter
        guard below < 64, seen & (1 << UInt64(below)) == 0 else { return .duplicate }
        seen |= 1 << UInt64(below)
        return .reordered
    }

    private mutating func begin(_ counter: Int64, _ atMs: Int64) {
        (highest, highestAtMs, seen, isJoining) = (counter, atMs, 1, false)
    }
}
