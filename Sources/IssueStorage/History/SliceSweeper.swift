internal import GRDB

/// Deletes saved slices that no start will read: those of turns before the newest complete one, and those of turns that
/// were cut off, by a crash or a new beginning.
///
/// ```
///   … turn 7 …│ turn 8, complete │ turn 9, cut off │ 0 1 2 of the turn in progress
///     goes    │       stays      │      goes       │ stays
/// ```
/// It is judged afresh at each step, by what the table holds then: nothing is remembered that a later row could make
/// wrong, and ids are never used twice (AUTOINCREMENT), so a later row always stands behind an earlier one.
struct SliceSweeper {
    /// A slice may be hundreds of kilobytes, whose pages are all visited.
    private static let slicesPerStep = 4

    /// Does one small step if there is something to do.
    /// - Returns: whether there was.
    func step(_ db: Database, _ tally: inout HistoryTally) throws -> Bool {
        let complete = try SliceRow.newestTurn(db)
        if let complete, try delete(from: .min, to: complete.lowerBound, db, &tally) { return true }
        guard let begin = try SliceRow.newestBeginning(db) else { return false }
        // Behind the newest complete turn: had one of these come to its end, it would be that turn.
        return try delete(from: (complete?.upperBound ?? 0) + 1, to: begin, db, &tally)
    }

    /// Deletes some of the rows from `first` to before `end`.
    private func delete(from first: Int64, to end: Int64, _ db: Database, _ tally: inout HistoryTally) throws -> Bool {
        guard first < end else { return false }
        let found = try Int64.fetchAll(
            db.cachedStatement(
                sql: "SELECT id FROM state_slice WHERE id >= ? AND id < ? ORDER BY id LIMIT \(Self.slicesPerStep)"),
            arguments: [first, end])
        guard let low = found.first, let high = found.last else { return false }
        try HistoryTransaction.run(db) {
            try db.execute(sql: "DELETE FROM state_slice WHERE id BETWEEN ? AND ?", arguments: [low, high])
        }
        tally.slices += found.count
        return true
    }
}
