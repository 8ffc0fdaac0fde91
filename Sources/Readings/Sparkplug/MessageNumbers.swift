/// The numbers of an edge node's messages, 0–255 and round again across the node and all its devices: which are missing, and
/// how many came.
///
/// - Source: Sparkplug 3.0.0 §6.4.1 and §6.4.2.
struct MessageNumbers: Sendable, Equatable {
    /// The number that the next message must have.
    private var next: UInt8 = 0
    /// Numbers that were passed over and may still come.
    private var missing = SequenceSet()
    /// Since when something is missing, by our clock; nil while nothing is.
    private(set) var missingSinceMs: Int64?
    /// What became of all messages since the process began. Each birth but the first is a rejoin.
    private(set) var counts = FrameCounts()

    /// Takes up a message's number.
    mutating func follow(_ number: UInt8, atMs: Int64) {
        // The next is of this round, though one of its number may be missing from the last.
        if number != next, missing.remove(number) {
            if missing.isEmpty { missingSinceMs = nil }
            return counts.count(.reordered)
        }
        let ahead = number &- next
        // The one before is a repetition; no message overtakes so many others.
        guard ahead < 128 else { return counts.count(.duplicate) }
        for step in 0..<ahead { missing.insert(next &+ step) }
        if ahead > 0, missingSinceMs == nil { missingSinceMs = atMs }
        next = number &+ 1
        counts.count(.next(lost: Int(ahead)))
    }

    /// The node is born with this number: what was missing of its former life will not come.
    mutating func begin(_ number: UInt8) {
        next = number &+ 1
        forgetMissing()
        counts.count(counts == FrameCounts() ? .first : .rejoined(lost: 0))
    }

    mutating func forgetMissing() { (missing, missingSinceMs) = (SequenceSet(), nil) }
}

/// Some of the numbers 0–255.
private struct SequenceSet: Sendable, Equatable {
    private var words = SIMD4<UInt64>(repeating: 0)

    var isEmpty: Bool { words == SIMD4(repeating: 0) }

    mutating func insert(_ number: UInt8) { words[Int(number >> 6)] |= 1 << UInt64(number & 63) }

    /// Whether it was there.
    mutating func remove(_ number: UInt8) -> Bool {
        let bit: UInt64 = 1 << UInt64(number & 63)
        defer { words[Int(number >> 6)] &= ~bit }
        return words[Int(number >> 6)] & bit != 0
    }
}
