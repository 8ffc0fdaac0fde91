package import GRDB
internal import Glibc
internal import Logging

/// How the writer's connection is opened and closed; the file's name, and its settings with their reasons.
package struct StoreDatabase: Sendable {
    let path: String
    let durability: Durability

    package init(directory: String, durability: Durability) {
        path = Self.path(in: directory)
        self.durability = durability
    }

    static func path(in directory: String) -> String { directory + "/sluice.db" }

    /// Opens the file, creates or migrates its tables. The queue's one connection is used by one thread at a time.
    package func open() throws(StorageError) -> DatabaseQueue {
        let queue = try connect()
        try prepare(queue)
        return queue
    }

    /// Opens the file and changes nothing in it, unless there is none.
    func connect() throws(StorageError) -> DatabaseQueue {
        hideFromOthers()
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.writeWithoutTransaction { db in
                // GRDB chooses NORMAL when it turns the write-ahead log on, so this comes after it.
                try db.execute(sql: "PRAGMA synchronous = \(durability.pragma)")
            }
            return queue
        } catch {
            throw StorageError(error, path: path, doing: "opening")
        }
    }

    /// Makes the file, where there is none, for its owner and the group alone, as its neighbours are: it holds the names of
    /// reporters. SQLite would give it what the umask allows; its log takes the mode from it.
    ///
    /// Only a file that this makes is closed here: closing another would give up the locks that SQLite has on it.
    private func hideFromOthers() {
        let file = unsafe Glibc.open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o640)
        if file >= 0 { close(file) }
    }

    /// Moves what the last run left in the write-ahead log into the file, syncs that, and empties the log; then brings the
    /// tables up to date.
    ///
    /// The log may hold what only the page cache has (``CommitMark``): nothing is written behind it.
    func prepare(_ queue: DatabaseQueue) throws(StorageError) {
        do {
            try queue.writeWithoutTransaction { db in
                do {
                    try emptyLog(db)
                } catch {
                    // Closing the connection is a checkpoint, too: its sync is to be about all of the log as well.
                    try? rewriteLog(db)
                    throw error
                }
            }
            try Schema.migrator.migrate(queue)
        } catch {
            throw StorageError(error, path: path, doing: "opening")
        }
    }

    private func emptyLog(_ db: Database) throws {
        do {
            try truncateLog(db)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_FULL {
            // The file grows before the log gives its space back; that is what the reserve is for.
            var reserve = DiskReserve(database: path, bytes: fileBytes(DiskReserve.path(beside: path)))
            let before = reserve.held
            guard reserve.give(before) > 0 else { throw error }
            defer { reserve.refill(to: before) }
            try truncateLog(db)
        }
    }

    private func rewriteLog(_ db: Database) throws {
        try db.inTransaction(.immediate) {
            try WriteAheadLog.rewrite(db)
            return .rollback
        }
    }

    /// Waits 2 s for readers, which may be of other processes.
    private func truncateLog(_ db: Database) throws {
        for triesLeft in (0..<8).reversed() {
            do {
                // What the last process could not sync, this one can.
                try rewriteLog(db)
                try db.checkpoint(.truncate)
                return
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY && triesLeft > 0 {
                continue
            }
        }
    }

    private var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "sluice.store"
        configuration.journalMode = .wal
        // Readers never block a writer in WAL mode; what is left is a person's own `sqlite3` session.
        configuration.busyMode = .timeout(0.25)
        configuration.prepareDatabase { [path] db in
            try Schema.check(db, path: path, isReader: false)
            // 4,096-byte pages, the default: a quiet city commits a few rows at a time, and each commit logs the
            // whole last page.
            //
            // No automatic checkpoints: they run inside COMMIT, where acknowledgements would wait for them. The store
            // thread checkpoints between commits, when nothing waits. What a burst made of the log shrinks to 64 MiB.
            //
            // 4 MiB of cache: rows are appended and hardly read again, so 16 MiB held 12 MiB more of what nobody asked for,
            // at the same processor time a reading (measured with 1,000 and 10,000 sensors; 2 MiB was dearer at times).
            try db.execute(
                sql: """
                    PRAGMA wal_autocheckpoint = 0;
                    PRAGMA journal_size_limit = 67108864;
                    PRAGMA cache_size = -4096;
                    PRAGMA temp_store = MEMORY;
                    """)
        }
        return configuration
    }
}
