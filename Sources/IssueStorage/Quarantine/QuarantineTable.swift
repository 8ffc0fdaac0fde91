internal import FoundationEssentials
public import GRDB
internal import Incidents
internal import Readings

/// Table `quarantine`, as people look at it and empty it.
public enum QuarantineTable {
    /// The newest of those that are meant, at most `limit`, and at most `mostBytes` of payloads if that is more than one.
    static func entries(
        _ db: Database, _ selection: QuarantineSelection, limit: Int, mostBytes: Int
    ) throws -> [QuarantineEntry] {
        let condition = condition(selection)
        let sql = "SELECT * FROM quarantine WHERE \(condition.sql) ORDER BY id DESC LIMIT ?"
        let rows = try Row.fetchCursor(db, sql: sql, arguments: condition.arguments + [max(0, limit)])
        var entries: [QuarantineEntry] = []
        var bytes = 0
        while let row = try rows.next() {
            let entry = QuarantineEntry(id: row["id"], message: try QuarantineRow.message(row))
            bytes += entry.message.payload.count
            if bytes > mostBytes, !entries.isEmpty { break }
            entries.append(entry)
        }
        return entries
    }

    static func count(_ db: Database, _ selection: QuarantineSelection) throws -> Int {
        let condition = condition(selection)
        return try Int.fetchOne(
            db, sql: "SELECT count(*) FROM quarantine WHERE \(condition.sql)", arguments: condition.arguments) ?? 0
    }

    /// The numbers of those that are meant, the oldest first, at most `limit`.
    public static func ids(_ db: Database, _ selection: QuarantineSelection, limit: Int) throws -> [Int64] {
        let condition = condition(selection)
        return try Int64.fetchAll(
            db, sql: "SELECT id FROM quarantine WHERE \(condition.sql) ORDER BY id LIMIT ?",
            arguments: condition.arguments + [max(0, limit)])
    }

    /// Deletes the oldest of those that are meant, at most `limit`, and returns how many there were.
    public static func discard(_ db: Database, _ selection: QuarantineSelection, limit: Int) throws -> Int {
        let ids = try ids(db, selection, limit: limit)
        guard !ids.isEmpty else { return 0 }
        let places = Array(repeating: "?", count: ids.count).joined(separator: ", ")
        let freed =
            try Int.fetchOne(
                db, sql: "SELECT sum(\(QuarantineRow.sizeSQL)) FROM quarantine WHERE id IN (\(places))",
                arguments: StatementArguments(ids)) ?? 0
        try db.execute(sql: "DELETE FROM quarantine WHERE id IN (\(places))", arguments: StatementArguments(ids))
        try db.execute(
            sql: "UPDATE progress SET done = done - ? WHERE task = ?",
            arguments: [freed, HistoryProgress.quarantineBytes])
        return ids.count
    }

    private static func condition(_ selection: QuarantineSelection) -> SQLCondition {
        var all = SQLCondition()
        all.isIn("id", selection.ids)
        if let label = selection.reason {
            // A word that is no reason's means no message.
            let reason = QuarantineReason.allCases.first { $0.label == label }
            all.add("reason = ?", [Int64(reason?.rawValue ?? 0)])
        }
        all.add("instr(topic, ?) > 0", ifAny: selection.topic.map { Data($0.utf8) })
        all.add("arrived_at < ?", ifAny: selection.beforeMs)
        return all
    }
}
