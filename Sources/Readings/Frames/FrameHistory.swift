/// The frame counters of one device: which frames were lost, came twice or late, and when it began anew.
///
/// LoRaWAN servers publish at QoS 0, so that only the counter reveals a loss. Pure; 48 bytes a device.
public struct FrameHistory: Sendable, Equatable, BitwiseCopyable {
    /// What a frame's counter says.
    public enum Finding: Sendable, Equatable {
        /// The first of a device, of which nothing was known before.
        case first
        /// Newer than all before; so many between are missing.
        case next(lost: Int)
        /// Seen before, or of a count that has ended.
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
    /// A device that has no answer sends the same frame again within this (LoRaWAN 1.0.3 §4.3.1.4); later it was restarted.
    public static let longestRetryMs: Int64 = 60_000

    /// The session of the last frame, as ``FrameInfo/session``; 0 where it was never told.
    public private(set) var session: UInt64 = 0
    /// The highest counter of the present count; -1 before the first frame.
    public private(set) var highest: Int64 = -1
    /// When the frame with the highest counter was received last.
    public private(set) var highestAtMs = Int64.min
    /// When the first frame of the present count was received, where another count went before.
    public private(set) var beganAtMs = Int64.min
    /// Bit n: the frame `highest - n` has been seen.
    public private(set) var seen: UInt64 = 0
    /// When the device told that it joins, where no frame has come from behind that; else `.min`.
    public private(set) var joinsAtMs = Int64.min

    public init() {}

    /// What was known at another time.
    public init(
        session: UInt64, highest: Int64, highestAtMs: Int64, beganAtMs: Int64, seen: UInt64, joinsAtMs: Int64
    ) {
        (self.session, self.highest, self.highestAtMs) = (session, highest, highestAtMs)
        (self.beganAtMs, self.seen, self.joinsAtMs) = (beganAtMs, seen, joinsAtMs)
    }

    /// The device has said that it joins, or the server that it let the counter begin anew. What was said before its last
    /// frame has been met by then, and is only told again.
    ///
    /// - Parameter atMs: when, by the server's clock; nil where it doesn't say: just now.
    public mutating func join(atMs: Int64?) {
        guard let atMs else { return joinsAtMs = max(joinsAtMs, highestAtMs, .min + 1) }
        if atMs > highestAtMs { joinsAtMs = max(joinsAtMs, atMs) }
    }

    /// Folds in a frame.
    ///
    /// A counter that is not above the highest is a repetition or a latecomer if its time is not above either; a newer
    /// frame with an older counter is a device that began anew. The server's time of reception is what tells.
    public mutating func observe(counter: Int64, session: UInt64, atMs: Int64) -> Finding {
        // A latecomer of the count before says nothing of this one.
        if atMs < beganAtMs { return .duplicate }
        // Behind the join, if only by the order in which they came: clocks may be coarse. But not the last frame again.
        let isJoined = joinsAtMs != .min && atMs >= joinsAtMs && atMs > highestAtMs
        let isOther = isJoined || (session != 0 && self.session != 0 && session != self.session)
        guard highest >= 0 else {
            begin(counter, session, atMs)
            beganAtMs = .min
            return .first
        }
        if isOther {
            if atMs < highestAtMs { return .duplicate }
            begin(counter, session, atMs)
            return .rejoined(lost: counter < Self.longestGap ? Int(counter) : 0)
        }
        if session != 0 { self.session = session }
        if counter > highest {
            let gap = counter - highest
            guard gap <= Self.longestGap else {
                begin(counter, session, atMs)
                return .reset
            }
            seen = gap < 64 ? seen << UInt64(gap) | 1 : 1
            (highest, highestAtMs) = (counter, max(highestAtMs, atMs))
            return .next(lost: Int(gap) - 1)
        }
        if counter == highest, atMs - highestAtMs <= Self.longestRetryMs {
            highestAtMs = max(highestAtMs, atMs)
            return .duplicate
        }
        if atMs > highestAtMs {
            begin(counter, session, atMs)
            return .reset
        }
        let below = highest - counter
        guard below < 64, seen & (1 << UInt64(below)) == 0 else { return .duplicate }
        seen |= 1 << UInt64(below)
        return .reordered
    }

    /// Whether this very frame has been seen, as far as is remembered; false where that can't be told.
    public func hasSeen(counter: Int64, session: UInt64, atMs: Int64) -> Bool {
        let isOfThisCount = session == 0 || self.session == 0 || session == self.session
        let below = highest - counter
        return isOfThisCount && atMs >= beganAtMs && (0..<64).contains(below) && seen & (1 << UInt64(below)) != 0
    }

    private mutating func begin(_ counter: Int64, _ session: UInt64, _ atMs: Int64) {
        if session != 0 { self.session = session }
        (highest, highestAtMs, beganAtMs, seen, joinsAtMs) = (counter, atMs, atMs, 1, .min)
    }
}
