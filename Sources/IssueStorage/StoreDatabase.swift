package import GRDB
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

    /// Opens the file, or a new one in its place if it is damaged: then the old one is moved aside.
    func openSound(_ logger: Logger) throws(StorageError) -> (DatabaseQueue, DamageReport?) {
        let files = DamagedFiles(path: path)
        // The reserve is made by the first run.
        let wasInUse = fileBytes(DiskReserve.path(beside: path)) > 0
        if let problem = files.problem(wasInUse: wasInUse) { return try replace(nil, reason: problem, logger) }
        var opened: DatabaseQueue?
        do {
            let queue = try open()
            opened = queue
            try quickCheck(queue)
            return (queue, nil)
        } catch {
            guard DamagedFiles.isDamage(error) else { throw error }
            return try replace(opened, reason: error.description, logger)
        }
    }

    /// Moves the file aside and begins a new one, with what could be salvaged.
    /// - Parameter queue: the connection to the damaged file, if there is one; it is closed.
    func replace(
        _ queue: DatabaseQueue?, reason: String, _ logger: Logger
    ) throws(StorageError) -> (DatabaseQueue, DamageReport) {
        let target = try DamagedFiles(path: path).moveAside()
        // Only now: closing moves the log into the file and deletes it, where it still has its name.
        try? queue?.close()
        let fresh = try open()
        let salvage = Salvage(from: target, into: fresh)
        let report = DamageReport(
            path: target, reason: reason, salvagedRequests: salvage.requests, salvagedSensors: salvage.sensors)
        logger.critical(
            "store.damaged",
            metadata: [
                "reason": "\(reason)", "moved_to": "\(target)", "salvaged_requests": "\(salvage.requests)",
                "salvaged_sensors": "\(salvage.sensors)",
                "effect": "a new database was begun; the broker and its journal send again what they still hold",
            ])
        return (fresh, report)
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
