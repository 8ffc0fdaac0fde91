internal import GRDB
internal import GRDBSQLite

/// Moves the write-ahead log into the database file, between commits and not inside them.
///
/// A checkpoint costs an fsync of the database file, so it waits until nothing else waits: from 4 MiB of log on when
/// the store is idle, and from 12 MiB on in any case: a start after a crash never has much more to replay, and on a full
/// disk the reserve suffices to move it all.
final class Checkpointer {
    private static let whenIdle = 1024  // pages
    private static let inAnyCase = 3072

    /// Pages in the log after the last commit.
    private var pages = 0
    /// Pages that the last checkpoint saw and could not move, because a reader still looked at them.
    private var held = 0

    /// Listens to `db`'s commits. It must outlive the connection's use.
    init(_ db: Database) {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        // Called inside COMMIT, on the connection's own thread, which owns this object.
        _ = unsafe sqlite3_wal_hook(
            db.sqliteConnection,
            { context, _, _, pages in
                guard let context = unsafe context else { return SQLITE_OK }
                unsafe Unmanaged<Checkpointer>.fromOpaque(context).takeUnretainedValue().committed(Int(pages))
                return SQLITE_OK
            }, context)
    }

    /// Ends listening.
    func detach(from db: Database) { _ = unsafe sqlite3_wal_hook(db.sqliteConnection, nil, nil) }

    private func committed(_ pages: Int) {
        // The log has begun anew once everything in it was moved.
        if pages < self.pages { held = 0 }
        self.pages = pages
    }

    func isDue(isIdle: Bool) -> Bool { pages - held >= (isIdle ? Self.whenIdle : Self.inAnyCase) }

    /// Moves everything and empties the log's file, unless a reader still looks at what is in it.
    /// - Returns: whether the log is empty.
    func empty(_ db: Database) throws -> Bool {
        let busyMs = try Int.fetchOne(db, sql: "PRAGMA busy_timeout") ?? 0
        try db.execute(sql: "PRAGMA busy_timeout = 0")
        defer { try? db.execute(sql: "PRAGMA busy_timeout = \(busyMs)") }
        do {
            try db.checkpoint(.truncate)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            return false
        }
        (pages, held) = (0, 0)
        return true
    }

    /// Moves what no reader needs. Never waits for readers.
    func run(_ db: Database) throws {
        held = pages
        let (inLog, moved) = try db.checkpoint(.passive)
        if moved >= inLog { (pages, held) = (0, 0) }
    }
}
