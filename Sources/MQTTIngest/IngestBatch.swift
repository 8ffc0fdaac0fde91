/// What has been read and not yet acknowledged: which batch is open, which awaits its commit, and so what is allowed.
///
/// ```
///   open ──close()──▶ outstanding ──commit(upTo:)──▶ (nothing held) ──▶ acknowledgements may leave
/// ```
/// One batch is outstanding at a time. All acknowledgements that the library has queued leave together, so they may only
/// leave when nothing is held; so nothing more is read meanwhile, and the socket's buffer holds what comes.
/// Only after a hang-up, when no acknowledgement can leave any more, reading goes on to the end.
///
/// Pure: time is passed in.
public struct IngestBatch: Sendable, Equatable {
    /// Messages after which a batch closes.
    public let limit: Int
    /// Nanoseconds after which it closes.
    public let longestNs: Int64
    /// Messages in the open batch.
    public private(set) var messages = 0
    /// The batch that has been closed last; 0 before the first.
    public private(set) var sequence: UInt64 = 0
    private var openedAtNs: Int64 = 0
    private var closedAtNs: Int64?
    /// When the closed batch had been opened.
    private var closedSinceNs: Int64 = 0

    public init(limit: Int, longestNs: Int64, after sequence: UInt64 = 0) {
        precondition(limit > 0 && longestNs > 0, "a batch must have room: \(limit) messages, \(longestNs) ns")
        (self.limit, self.longestNs, self.sequence) = (limit, longestNs, sequence)
    }

    /// Whether a closed batch awaits its commit.
    public var isOutstanding: Bool { closedAtNs != nil }

    /// Whether anything was read that is not committed. Nothing may be written to the broker then.
    public var isHolding: Bool { isOutstanding || messages > 0 }

    /// Since when the oldest message has been held; nil when nothing is.
    public var holdingSinceNs: Int64? { isOutstanding ? closedSinceNs : messages > 0 ? openedAtNs : nil }

    /// Whether to read another message.
    public func mayRead(isHungUp: Bool) -> Bool { isHungUp || (!isOutstanding && messages < limit) }

    /// `count` messages have been pushed to the pipeline.
    public mutating func stage(_ count: Int, atNs now: Int64) {
        guard count > 0 else { return }
        if messages == 0 { openedAtNs = now }
        messages += count
    }

    /// Whether the open batch should end.
    ///
    /// - Parameter isDrained: nothing more is there to read.
    public func isDue(isDrained: Bool, atNs now: Int64) -> Bool {
        guard !isOutstanding, messages > 0 else { return false }
        return isDrained || messages >= limit || now - openedAtNs >= longestNs
    }

    /// The sequence that ``close(atNs:)`` gives to the open batch.
    public var next: UInt64 { sequence + 1 }

    /// The end of the open batch has been pushed. An empty one may be closed, to learn when all before it is committed.
    ///
    /// - Precondition: none is outstanding.
    public mutating func close(atNs now: Int64) {
        precondition(!isOutstanding, "batch \(sequence) is still outstanding")
        sequence += 1
        closedSinceNs = messages > 0 ? openedAtNs : now
        messages = 0
        closedAtNs = now
    }

    /// Everything up to batch `committed` has been committed. Returns how long the outstanding one took, if it is among it.
    public mutating func commit(upTo committed: UInt64, atNs now: Int64) -> Int64? {
        guard let since = closedAtNs, committed >= sequence else { return nil }
        closedAtNs = nil
        return now - since
    }
}
