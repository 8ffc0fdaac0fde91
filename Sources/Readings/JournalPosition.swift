/// A place in a broker's journal of accepted publishes: everything before it needs no replay.
public struct JournalPosition: Sendable, BitwiseCopyable, Hashable {
    /// The journal's own random number, which its first segment was made with: a journal that was begun anew has another.
    public var journal: UInt64
    /// The segment's number, from 1.
    public var segment: UInt64
    /// Bytes into the segment: the start of a record, or the segment's end.
    public var offset: UInt64

    public init(journal: UInt64, segment: UInt64, offset: UInt64) {
        (self.journal, self.segment, self.offset) = (journal, segment, offset)
    }
}
