internal import GRDB

/// How the writer's connection is opened and closed; the file's name, and its settings with their reasons.
struct StoreDatabase: Sendable {
    let path: String
    let durability: Durability

    init(directory: String, durability: Durability) {
        path = Self.path(in: directory)
        self.durability = durability
    }

    static func path(in directory: String) -> String { directory + "/sluice.db" }

    /// Opens the file, creates or migrates its tables. The queue's one connection is used by one thread at a time.
    func open() throws(StorageError) -> DatabaseQueue {
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.writeWithoutTransaction { db in
                // GRDB chooses NORMAL when it turns the write-ahead log on, so this comes after it.
                try db.execute(sql: "PRAGMA synchronous = \(durability.pragma)")
            }
            try Schema.migrator.migrate(queue)
            return queue
        } catch {
            throw StorageError(error, path: path, doing: "opening")
        }
    }

    /// Reads the whole file for damage, if it is small enough not to hold up a start: 0.2 s at the limit.
    /// Larger files are checked where they are read: recovery walks the whole log.
    func quickCheck(_ queue: DatabaseQueue, upToBytes limit: Int = 64 << 20) throws(StorageError) {
        guard fileBytes(path) <= limit else { return }
        do {
            let found = try queue.writeWithoutTransaction { db in
                try String.fetchOne(db, sql: "PRAGMA quick_check(1)") ?? "quick_check says nothing"
            }
            if found != "ok" { throw StorageError.corrupted(path: path, detail: found) }
        } catch {
            throw StorageError(error, path: path, doing: "checking")
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
            try db.execute(
                sql: """
                    PRAGMA wal_autocheckpoint = 0;
                    PRAGMA journal_size_limit = 67108864;
                    PRAGMA cache_size = -16384;
                    PRAGMA temp_store = MEMORY;
                    """)
        }
        return configuration
    }
}
