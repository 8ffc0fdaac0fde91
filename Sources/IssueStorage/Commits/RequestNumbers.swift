internal import GRDB

/// Numbers of requests that were given and are lost: people, and other cities, may know them still, so they name nothing else.
///
/// The greatest of them stands in table `progress`, and only where there was damage.
enum RequestNumbers {
    /// New requests have greater numbers than this one, also at later starts.
    static func skip(upTo greatest: Int64, _ db: Database) throws {
        try db.execute(
            sql: "INSERT OR REPLACE INTO progress (task, done) VALUES (?, ?)",
            arguments: [HistoryProgress.lostRequests, greatest])
    }

    /// 0 where no number was ever lost.
    static func greatestLost(_ db: Database) throws -> Int64 {
        try Int64.fetchOne(
            db, sql: "SELECT done FROM progress WHERE task = ?", arguments: [HistoryProgress.lostRequests]) ?? 0
    }
}
