public import Readings

/// What a reader met that lost, or may have lost, messages. It goes on behind it.
public struct JournalTrouble: Error, Equatable, CustomStringConvertible {
    /// Safe as a metric label.
    public enum Code: String, Sendable, CaseIterable {
        /// Segments between where we were and the next one are gone: removed at the cap, or by hand.
        case missing
        /// A record is not what was written. The rest of its segment can't be told from it, and is skipped.
        case damaged
        /// The directory holds another journal than the one we read: we begin at its beginning.
        case begunAnew = "begun_anew"
    }
    public var code: Code
    /// Where reading stopped.
    public var at: JournalPosition
    /// Where it goes on.
    public var next: JournalPosition
    /// Bytes that were skipped, as far as they are there.
    public var skippedBytes: UInt64 = 0

    public init(_ code: Code, at: JournalPosition, next: JournalPosition, skippedBytes: UInt64 = 0) {
        (self.code, self.at, self.next, self.skippedBytes) = (code, at, next, skippedBytes)
    }

    public var description: String {
        switch code {
        case .missing:
            "the broker's journal no longer has what follows segment \(at.segment), byte \(at.offset); reading goes on "
                + "with segment \(next.segment)"
        case .damaged:
            "segment \(at.segment) of the broker's journal is damaged at byte \(at.offset); its last \(skippedBytes) "
                + "bytes are skipped"
        case .begunAnew:
            "the broker's journal was begun anew; reading starts at its segment \(next.segment)"
        }
    }
}

/// Why a journal can't be read now.
public struct JournalError: Error, Equatable, CustomStringConvertible {
    /// The file or directory.
    public var path: String
    /// As `errno` has it.
    public var number: Int32

    public init(path: String, number: Int32) { (self.path, self.number) = (path, number) }

    public var description: String { "\(path): \(SystemCall.sentence(number))" }
}
