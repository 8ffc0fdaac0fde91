/// How the store does, as seen at one moment.
public struct StoreStatus: Sendable, Equatable {
    /// What becomes of what it is given. All but `writable` hold from the first commit that fails to the next that succeeds;
    /// meanwhile nothing is acknowledged and the broker holds the readings. The name is safe as a label.
    public enum State: String, Sendable, CaseIterable {
        /// Commits succeed.
        case writable
        /// Commits fail for a reason that has no name of its own here: another process's lock, an I/O error.
        case stalled
        /// The disk is full, or the database is at `data.max_bytes`. Requests are still filed, from the reserve.
        case full
        /// The file system or the file can't be written.
        case readOnly = "read_only"
        /// The file is damaged. A restart moves it aside and starts with a new one.
        case damaged
    }

    public var state: State
    /// False from the first commit that fails to the next that succeeds. Meanwhile nothing is acknowledged.
    public var isWritable: Bool { state == .writable }
    /// Since when not, or nil.
    public var stalledSince: ContinuousClock.Instant?
    /// One sentence: why the last failing commit failed. It stays, as a hint, after the store has recovered.
    public var lastError: String?
    /// When the last commit ended, or nil before the first.
    public var lastCommitAt: ContinuousClock.Instant?
    /// Since when a commit is under way, or nil while none is. A disk that does not answer shows only here: the thread
    /// waits inside COMMIT, and nothing has failed yet.
    public var commitUnderWaySince: ContinuousClock.Instant?
    /// From BEGIN to the end of COMMIT.
    public var lastCommitDuration: Duration?
    /// Bytes of `sluice.db`.
    public var databaseBytes: Int
    /// Bytes of the write-ahead log beside it.
    public var walBytes: Int

    package static let initial = StoreStatus(state: .writable, databaseBytes: 0, walBytes: 0)
}
