internal import GRDB

/// How many batches were ever committed: the one row of table `commit_mark`, which every commit changes.
///
/// A COMMIT that reports a failure may have happened all the same. Its frames, the last one included, stand in the
/// write-ahead log, and whoever opens the database next takes them for valid. The number tells which batches that are
/// still waiting are in already; and because each commit changes it, none is without a write, and so none without a sync.
///
/// What is assumed of the disk: a sync that succeeds has brought to it all that was written since the last sync that
/// succeeded; a sync that fails has brought any part of it; what was written can be read back until the power fails.
/// - After a sync that failed, what stands in the log is written again before anything more is (``WriteAheadLog``): Linux holds
///   for clean what it could not write (<https://lwn.net/Articles/752063/>), and the next sync would skip it and succeed.
/// - A failed commit is first tried again on its own connection: SQLite has taken its end of the log back there, so nobody
///   sees what failed. Only a second failure costs the connection.
/// - Whoever opens the database, at a start or after a second failure, writes the log again, moves it into the file, syncs
///   both and empties the log, before anything else is written or acknowledged (``StoreDatabase/prepare(_:)``). So nothing
///   is ever built on frames that only the page cache has. A kill changes nothing in this: the page cache outlives it.
/// - After a power cut the log ends at the first frame that the disk does not have; no acknowledged batch is behind it.
enum CommitMark {
    /// Moves the number from the second parameter to the first; changes no row if it is another.
    static let advanceSQL = "UPDATE commit_mark SET number = ? WHERE number = ?"

    static func read(_ db: Database) throws -> Int64 {
        guard let number = try Int64.fetchOne(db, sql: "SELECT number FROM commit_mark") else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "table commit_mark is empty")
        }
        return number
    }
}
