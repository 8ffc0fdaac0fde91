/// What a step of history's work did, for metrics and log.
struct HistoryTally {
    /// Readings folded, and transactions that it took.
    var folded = 0
    var steps = 0
    /// Entries of each tier that became coarser ones.
    var demoted: [HistoryTier: Int] = [:]
    /// Entries that went because they are older than all that is kept.
    var expired: [HistoryTier: Int] = [:]
    /// Rows of the log that were trimmed.
    var trimmed = 0
    /// Saved slices of earlier turns that were deleted.
    var slices = 0
    /// Undecodable messages that made room for newer ones.
    var quarantined = 0
    /// Suspicions that did not last and were deleted.
    var dismissed = 0
    /// Entries that became coarser ones, or went, before their time, for want of space.
    var early: Early?

    struct Early {
        var tier: HistoryTier
        /// All before it are going.
        var beforeMs: Int64
        var entries: Int
    }
}
