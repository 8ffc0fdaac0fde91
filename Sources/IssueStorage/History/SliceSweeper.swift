internal import GRDB

/// Deletes saved slices that no start will read: those of turns before the newest complete one, and those of turns that a
/// crash cut off.
struct SliceSweeper {
    /// A slice may be hundreds of kilobytes, whose pages are all visited.
    private static let slicesPerStep = 4

    /// Rows that stood behind the newest complete turn when this run began: nobody is going to complete them.
    private var abandoned: ClosedRange<Int64>?

    init(_ db: Database) throws {
        let last = try SliceRow.newestTurn(db)?.upperBound ?? 0
        if let end = try Int64.fetchOne(db, sql: "SELECT max(id) FROM state_slice"), end > last {
            abandoned = last + 1...end
        }
    }

    /// Does one small step if there is something to do.
    /// - Returns: whether there was.
    mutating func step(_ db: Database, _ tally: inout HistoryTally) throws -> Bool {
        if let first = try SliceRow.newestTurn(db)?.lowerBound, try delete(...(first - 1), db, &tally) { return true }
        // An append-only table: a row that is written meanwhile stands behind them.
        guard let range = abandoned else { return false }
        if try delete(range, db, &tally) { return true }
        abandoned = nil
        return false
    }

    private func delete(_ ids: some RangeExpression<Int64>, _ db: Database, _ tally: inout HistoryTally) throws -> Bool
    {
        let range = ids.relative(to: Int64.min..<Int64.max)
        let found = try Int64.fetchAll(
            db, sql: "SELECT id FROM state_slice WHERE id >= ? AND id < ? ORDER BY id LIMIT \(Self.slicesPerStep)",
            arguments: [range.lowerBound, range.upperBound])
        guard let first = found.first, let last = found.last else { return false }
        try HistoryTransaction.run(db) {
            try db.execute(sql: "DELETE FROM state_slice WHERE id BETWEEN ? AND ?", arguments: [first, last])
        }
        tally.slices += found.count
        return true
    }
}
