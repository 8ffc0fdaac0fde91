internal import GRDB

/// Takes the oldest rows off the stream's log: what was folded, is older than policy keeps, and that no start needs.
struct LogTrimmer {
    /// Rows of each table that one transaction takes: some 2 ms.
    private static let rowsPerStep = 4096

    let keepMs: Int64

    /// Commands that may go when the log is to go up to a place: the rules that hold behind it must still be known.
    private static let mayGo = """
        (kind <> \(CommandRow.rulesKind) OR sequence < (
            SELECT max(sequence) FROM stream_command WHERE kind = \(CommandRow.rulesKind) AND sequence <= ?))
        """

    /// Up to which sequence the log may go.
    ///
    /// - Parameter isShortOfSpace: then age does not count: it is all in the history already.
    private func limit(_ db: Database, _ progress: HistoryProgress, _ nowMs: Int64, isShortOfSpace: Bool) throws
        -> Int64
    {
        // Without a saved state a start replays everything.
        guard let saved = try SliceRow.firstSequence(db) else { return 0 }
        // The last reading stays in any case: it tells the time. While a range is being folded it may have to be loaded
        // again, so only what is folded altogether counts.
        let last = try Int64.fetchOne(db.cachedStatement(sql: "SELECT max(sequence) FROM reading")) ?? 0
        let unneeded = min(progress.fold.done, saved, last - 1)
        guard !isShortOfSpace else { return unneeded }
        return min(unneeded, try LogSearch.firstSequence(db, arrivedAtMs: nowMs &- keepMs) - 1)
    }

    /// Does one small step if there is something to do.
    /// - Returns: whether there was.
    func step(
        _ db: Database, _ progress: HistoryProgress, nowMs: Int64, isShortOfSpace: Bool, _ tally: inout HistoryTally
    ) throws -> Bool {
        let limit = try limit(db, progress, nowMs, isShortOfSpace: isShortOfSpace)
        let first = try Int64.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT min(ifnull((SELECT min(sequence) FROM reading), 9223372036854775807),
                        ifnull((SELECT min(sequence) FROM stream_event), 9223372036854775807),
                        ifnull((SELECT min(sequence) FROM stream_command WHERE \(Self.mayGo)), 9223372036854775807))
                    """), arguments: [limit])
        guard let first, first <= limit else { return false }
        // Sequences are given to readings, events and commands in turn, so this is at most so many of either.
        let end = min(limit, first + Int64(Self.rowsPerStep) - 1)
        try HistoryTransaction.run(db) {
            for table in ["reading", "stream_event"] {
                try db.cachedStatement(sql: "DELETE FROM \(table) WHERE sequence <= ?").execute(arguments: [end])
                tally.trimmed += db.changesCount
            }
            // What is known of sensors behind this place stands in later rows, or in table `sensor`.
            try db.cachedStatement(sql: "DELETE FROM sensor_past WHERE until <= ?").execute(arguments: [end])
            try db.cachedStatement(sql: "DELETE FROM stream_command WHERE sequence <= ? AND \(Self.mayGo)")
                .execute(arguments: [end, limit])
            tally.trimmed += db.changesCount
        }
        return true
    }
}
