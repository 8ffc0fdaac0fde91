/// How the store does, as seen at one moment.
public struct StoreStatus: Sendable, Equatable {
    /// False from the first commit that fails to the next that succeeds. Meanwhile nothing is acknowledged.
    public var isWritable: Bool
    /// Since when not, or nil.
    public var stalledSince: ContinuousClock.Instant?
    /// One sentence: why the last failing commit failed. It stays, as a hint, after the store has recovered.
    public var lastError: String?
    /// When the last commit ended, or nil before the first.
    public var lastCommitAt: ContinuousClock.Instant?
    /// From BEGIN to the end of COMMIT.
    public var lastCommitDuration: Duration?
    /// Bytes of `sluice.db`.
    public var databaseBytes: Int
    /// Bytes of the write-ahead log beside it.
    public var walBytes: Int

    static let initial = StoreStatus(isWritable: true, databaseBytes: 0, walBytes: 0)
}
