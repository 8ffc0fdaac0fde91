/// What has been read and not yet acknowledged: which batch is open, which awaits its commit, and so what is allowed.
///
/// ```
///   open ──close()──▶ outstanding ──commit(upTo:)──▶ (nothing held) ──▶ acknowledgements may leave
/// ```
/// One batch is outstanding at a time. All acknowledgements that the library has queued leave together, so they may only
/// leave when no message that is acknowledged is held; so nothing more is read meanwhile, and the socket's buffer holds what
/// comes. Reading goes on where nobody waits for an acknowledgement: while all that is held came at QoS 0, and after a
/// hang-up, when none can leave any more.
///
/// Pure: time is passed in.
public struct IngestBatch: Sendable, Equatable {
    /// Messages after which a batch closes.
    public let limit: Int
    /// Nanoseconds after which it closes.
    public let longestNs: Int64
    /// Nanoseconds from one small batch's end to the next one's, 0 for none; see ``isDue(isDrained:atNs:)``.
    public let gatherNs: Int64
    /// Messages in the open batch.
    public private(set) var messages = 0
    /// The batch that has been closed last; 0 before the first.
    public private(set) var sequence: UInt64 = 0
    private var openedAtNs: Int64 = 0
    private var closedAtNs: Int64?
    /// Whether a message of the open batch, or of the closed one, is acknowledged once it is committed.
    private var owesOpen = false
    private var owesClosed = false
    /// When the closed batch had been opened.
    private var closedSinceNs: Int64 = 0
    private var lastClosedNs: Int64?
    /// Messages in the open batch when it began to wait for company; nil while it doesn't.
    private var waitsWith: Int?
    /// Batches that will not wait, because waiting brought nothing.
    private var hasty = 0

    public init(limit: Int, longestNs: Int64, gatherNs: Int64 = 0, after sequence: UInt64 = 0) {
        precondition(limit > 0 && longestNs > 0, "a batch must have room: \(limit) messages, \(longestNs) ns")
        (self.limit, self.longestNs, self.gatherNs, self.sequence) = (limit, longestNs, gatherNs, sequence)
    }

    /// Whether a closed batch awaits its commit.
    public var isOutstanding: Bool { closedAtNs != nil }

    /// Whether anything was read that is not committed.
    public var isHolding: Bool { isOutstanding || messages > 0 }

    /// Whether anything is held that is acknowledged once it is committed. Nothing may be written to the broker then.
    public var isOwing: Bool { isOutstanding && owesClosed || messages > 0 && owesOpen }

    /// Since when the oldest message has been held; nil when nothing is.
    public var holdingSinceNs: Int64? { isOutstanding ? closedSinceNs : messages > 0 ? openedAtNs : nil }

    /// Whether to read another message.
    public func mayRead(isHungUp: Bool) -> Bool { isHungUp || (isOutstanding ? !isOwing : messages < limit) }

    /// `count` messages have been pushed to the pipeline.
    ///
    /// - Parameter isOwed: whether one of them is acknowledged once it is committed.
    public mutating func stage(_ count: Int, isOwed: Bool = true, atNs now: Int64) {
        owesOpen = owesOpen || isOwed
        guard count > 0 else { return }
        if messages == 0 { openedAtNs = now }
        messages += count
    }

    /// A batch of so many messages is worth a commit.
    static let few = 32
    /// So many batches don't wait after one that waited in vain.
    static let hastyCount = 16

    /// Whether the open batch should end.
    ///
    /// A commit costs about 0.3 ms of processor time whatever it holds, so where messages come in a steady trickle a small batch
    /// waits for company until ``gatherNs`` after the last one's end: at 10,000 messages a second that halves the processor
    /// time. A message after a pause does not wait; and a broker that sends a small window and then waits for its
    /// acknowledgements is found out by waiting in vain, once in a while.
    ///
    /// - Parameter isDrained: nothing more is there to read.
    public mutating func isDue(isDrained: Bool, atNs now: Int64) -> Bool {
        guard !isOutstanding, messages > 0 else { return false }
        if messages >= limit || now - openedAtNs >= longestNs { return true }
        guard isDrained else { return false }
        guard messages < Self.few, hasty == 0, let lastClosedNs, now - lastClosedNs < gatherNs else { return true }
        if waitsWith == nil { waitsWith = messages }
        return false
    }

    /// Until when the open batch waits for company; nil while it does not. Nobody need look at the socket before, and the
    /// pipeline need not see what is in it: it would make a commit of that, and another one of the rest.
    public var gathersUntilNs: Int64? { waitsWith == nil ? nil : lastClosedNs.map { $0 + gatherNs } }

    /// The sequence that ``close(atNs:)`` gives to the open batch.
    public var next: UInt64 { sequence + 1 }

    /// The end of the open batch has been pushed. An empty one may be closed, to learn when all before it is committed.
    ///
    /// - Precondition: none is outstanding.
    public mutating func close(atNs now: Int64) {
        precondition(!isOutstanding, "batch \(sequence) is still outstanding")
        sequence += 1
        closedSinceNs = messages > 0 ? openedAtNs : now
        if waitsWith == messages { hasty = Self.hastyCount } else if hasty > 0 { hasty -= 1 }
        waitsWith = nil
        messages = 0
        (owesClosed, owesOpen) = (owesOpen, false)
        (closedAtNs, lastClosedNs) = (now, now)
    }

    /// Everything up to batch `committed` has been committed. Returns how long the outstanding one took, if it is among it.
    public mutating func commit(upTo committed: UInt64, atNs now: Int64) -> Int64? {
        guard let since = closedAtNs, committed >= sequence else { return nil }
        closedAtNs = nil
        return now - since
    }
}
