package import GRDB
package import Readings

/// What stands beside a quarantined message that was tried again and stays.
package enum QuarantineNote {
    /// Says why a message is in quarantine still, after it was tried again.
    package static func write(_ db: Database, id: Int64, reason: QuarantineReason, detail: String) throws {
        try db.execute(sql: QuarantineRow.shrinkSQL, arguments: [id])
        try db.execute(
            sql: "UPDATE quarantine SET reason = ?, detail = ? WHERE id = ?",
            arguments: [Int64(reason.rawValue), detail, id])
        try db.execute(
            sql: """
                UPDATE progress SET done = done + coalesce((SELECT \(QuarantineRow.sizeSQL) FROM quarantine WHERE id = ?), 0)
                WHERE task = \(HistoryProgress.quarantineBytes)
                """, arguments: [id])
    }
}
