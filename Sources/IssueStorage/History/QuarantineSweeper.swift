internal import GRDB

/// Deletes the oldest undecodable messages once there are too many, or they take too much.
struct QuarantineSweeper {
    private static let messagesPerStep = 100

    let mostMessages: Int
    let mostBytes: Int

    /// Does one small step if there is something to do.
    /// - Returns: whether there was.
    func step(_ db: Database, _ tally: inout HistoryTally) throws -> Bool {
        // Numbers are given in order, so the ends tell how many there are at most.
        let ends = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT (SELECT min(id) FROM quarantine) AS first, (SELECT max(id) FROM quarantine) AS last,
                    (SELECT done FROM progress WHERE task = \(HistoryProgress.quarantineBytes)) AS bytes
                    """))
        guard let ends, let first: Int64 = ends["first"], let last: Int64 = ends["last"] else { return false }
        let bytes: Int = ends["bytes"] ?? 0
        var excess = max(0, Int(last - first) + 1 - mostMessages)
        // Those that were read when they were tried again have gone from between.
        if excess > 0 { excess = max(0, try Self.count(db) - mostMessages) }
        // The newest stays in any case: somebody may be looking for it right now.
        guard excess > 0 || bytes > mostBytes, last > first else { return false }
        try HistoryTransaction.run(db) { try delete(excess, bytes - mostBytes, before: last, db, &tally) }
        return true
    }

    private static func count(_ db: Database) throws -> Int {
        try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM quarantine")) ?? 0
    }

    /// Deletes the oldest, until `count` messages or at least `bytes` are gone, whichever takes more; within bounds.
    private func delete(
        _ count: Int, _ bytes: Int, before last: Int64, _ db: Database, _ tally: inout HistoryTally
    ) throws {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT id, \(QuarantineRow.sizeSQL) AS bytes FROM quarantine WHERE id < ? ORDER BY id
                LIMIT \(Self.messagesPerStep)
                """, arguments: [last])
        var (end, gone, freed) = (Int64.min, 0, 0)
        while gone < count || freed < bytes, let row = try rows.next() {
            end = row["id"]
            gone += 1
            freed += row["bytes"] as Int
        }
        try db.execute(sql: "DELETE FROM quarantine WHERE id <= ?", arguments: [end])
        try db.execute(
            sql: "UPDATE progress SET done = done - ? WHERE task = ?",
            arguments: [freed, HistoryProgress.quarantineBytes])
        tally.quarantined += gone
    }
}
