internal import GRDB
internal import Glibc
internal import struct Foundation.Data
internal import struct Foundation.URL

/// A copy of a whole data directory in one file, taken while a daemon may be writing, and brought back.
///
/// The copy is SQLite's own (`sqlite3_backup_step`), in steps, from one snapshot of the write-ahead log: commits go on meanwhile
/// and never wait, and what they write is not in the copy. What lies beside the database, photos, imported sensors and the memory of
/// subscriptions, goes into a table of the copy: a request of the snapshot has its photos on disk before it is committed.
///
/// A copy holds what the database holds, reporters' names included, and is for its owner alone to read.
public enum StoreBackup {
    /// Pages of one step: 4 MiB, some milliseconds.
    private static let pagesPerStep: CInt = 1024
    /// Folders and files of the data directory that go along, if they are there.
    private static let folders = ["photos"]
    private static let singles = ["sensors.csv", "subscriptions.json"]
    private static let companions = folders + singles
    private static let table = "backup_file"

    /// What was copied.
    public struct Summary: Sendable, Equatable {
        public var bytes: Int
        /// Photos and other files.
        public var files: Int
    }

    // MARK: - There

    /// Copies the data of `directory` to a new file at `path`. Blocks for as long as that takes.
    ///
    /// The file is complete and synced, or not there: it grows as `path` with `.partial` behind it.
    ///
    /// - Parameter progress: told the share that is done, 0 to 1.
    public static func make(
        of directory: String, to path: String, progress: @escaping (Double) -> Void = { _ in }
    ) throws(StorageError) -> Summary {
        guard unsafe access(path, F_OK) != 0 else {
            throw .noPlace(path: path, reason: "it exists already, and nothing is overwritten")
        }
        let partial = path + ".partial"
        discard(partial)
        let source = StoreDatabase.path(in: directory)
        do {
            let reader = try open(source, isReadOnly: true)
            try begin(partial, for: path)
            let files = try copy(reader, to: partial, progress) { db in
                try db.execute(sql: "CREATE TABLE \(table) (path TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT")
                return try pack(directory, into: db)
            }
            try reader.close()
            try DurableFile.settle(partial, as: path)
            return Summary(bytes: fileBytes(path), files: files)
        } catch {
            discard(partial)
            // Only the copy grows.
            let isFull = (error as? DatabaseError)?.resultCode == .SQLITE_FULL
            throw StorageError(error, path: isFull ? path : source, doing: "backing up", isReader: true)
        }
    }

    // MARK: - Back

    /// Makes a backup the data of `directory`, which no daemon may hold. Blocks for as long as that takes.
    ///
    /// The backup is verified first. A database that is there already is moved aside, never deleted, and so are the imported
    /// sensors and the memory of subscriptions. Photos are named by what they hold, and stay.
    ///
    /// - Parameter isReplacing: whether there may be one.
    /// - Returns: what was brought back, and where the former database has gone.
    public static func restore(
        _ path: String, into directory: String, isReplacing: Bool, nowMs: Int64,
        progress: @escaping (Double) -> Void = { _ in }
    ) throws(StorageError) -> (summary: Summary, former: String?) {
        let lock = try DirectoryLock(directory: directory)
        defer { lock.release() }
        let target = StoreDatabase.path(in: directory)
        let isThere = unsafe access(target, F_OK) == 0
        guard isReplacing || !isThere else {
            throw .unwritable(path: target, reason: "there is a database already; --replace moves it aside")
        }
        let partial = target + ".partial"
        discard(partial)
        do {
            let reader = try open(path, isReadOnly: true)
            _ = try copy(reader, to: partial, progress) { _ in 0 }
            try reader.close()
            // Only what has been found sound replaces anything.
            let files = try prepare(partial, for: directory, nowMs: nowMs)
            try give(partial, to: directory)
            let former = isThere ? try moveAside(target, nowMs: nowMs) : nil
            try DurableFile.settle(partial, as: target)
            Doubt(of: target).clear()
            return (Summary(bytes: fileBytes(target), files: files), former)
        } catch {
            discard(partial)
            let isFull = (error as? DatabaseError)?.resultCode == .SQLITE_FULL
            throw StorageError(error, path: isFull ? target : path, doing: "restoring")
        }
    }

    /// Puts the files where they belong, and has what waits in the outbox looked for before it is sent: it may have been
    /// delivered since the backup was made.
    private static func prepare(_ partial: String, for directory: String, nowMs: Int64) throws -> Int {
        let queue = try DatabaseQueue(path: partial)
        let files = try queue.writeWithoutTransaction { db in
            let files = try unpack(from: db, into: directory, nowMs: nowMs)
            try db.execute(sql: "DROP TABLE IF EXISTS \(table)")
            if try db.tableExists("outbox") {
                try db.execute(
                    sql: "UPDATE outbox SET unclear_since = coalesce(unclear_since, ?) WHERE state = 'queued'",
                    arguments: [nowMs])
            }
            return files
        }
        try queue.close()
        return files
    }

    // MARK: - Copying

    /// Opens a database of ours, of this version or an older one.
    static func open(_ path: String, isReadOnly: Bool) throws(StorageError) -> DatabaseQueue {
        guard fileBytes(path) > 0 else { throw .missing(path: path) }
        guard !isFolder(path) else {
            throw .unusable(path: path, reason: "is a folder; name the file in it", isMissing: false)
        }
        var configuration = Configuration()
        configuration.label = "sluice.backup"
        configuration.readonly = isReadOnly
        configuration.prepareDatabase { db in try Schema.check(db, path: path, isReader: true) }
        do {
            return try DatabaseQueue(path: path, configuration: configuration)
        } catch {
            throw StorageError(error, path: path, doing: "opening", isReader: true)
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        var information = stat()
        return unsafe stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }

    /// Copies one snapshot, then lets `finish` add to the copy, and checks it.
    private static func copy(
        _ source: DatabaseQueue, to path: String, _ progress: @escaping (Double) -> Void,
        finish: (Database) throws -> Int
    ) throws -> Int {
        let target = try DatabaseQueue(path: path)
        guard unsafe chmod(path, 0o600) == 0 else {
            throw StorageError.unwritable(path: path, reason: systemReason(errno))
        }
        let files = try target.writeWithoutTransaction { copy in
            try source.read { db in
                // The snapshot is taken by the first look; from there on the copy can't be overtaken and begin again.
                _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema")
                try db.backup(to: copy, pagesPerStep: pagesPerStep) { step in
                    progress(Double(step.completedPageCount) / Double(max(1, step.totalPageCount)))
                }
            }
            // One file, without a log beside it.
            try copy.execute(sql: "PRAGMA journal_mode = DELETE")
            let files = try finish(copy)
            switch CheckResult(try String.fetchAll(copy, sql: "PRAGMA quick_check")) {
            case .sound: return files
            case .damaged(let detail): throw StorageError.corrupted(path: path, detail: detail)
            case .unreadable(let detail):
                throw StorageError.failed(path: path, doing: "checking", reason: "the disk can't read it: \(detail)")
            }
        }
        try target.close()
        return files
    }

    /// Makes the empty file, which the system refuses with a better reason than SQLite does. Its owner alone may read it.
    private static func begin(_ partial: String, for path: String) throws(StorageError) {
        let file = unsafe Glibc.open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .noPlace(path: path, reason: systemReason(errno)) }
        Glibc.close(file)
    }

    /// Takes away what was begun, and what SQLite has beside it.
    private static func discard(_ partial: String) {
        for suffix in ["", "-journal", "-wal", "-shm"] { _ = unsafe unlink(partial + suffix) }
    }

    /// The database and its log under a name with the time, `sluice.db.replaced-1780272000000`. Returns that.
    private static func moveAside(_ path: String, nowMs: Int64) throws(StorageError) -> String {
        let former = "\(path).replaced-\(nowMs)"
        // The log first: without it the database is only older, but a log of another database would be damage.
        for suffix in ["-wal", "-shm", ""] where unsafe access(path + suffix, F_OK) == 0 {
            guard unsafe rename(path + suffix, former + suffix) == 0 else {
                throw .unwritable(path: path + suffix, reason: systemReason(errno))
            }
        }
        return former
    }

    // MARK: - What lies beside the database

    private static func pack(_ directory: String, into db: Database) throws -> Int {
        var count = 0
        for path in try companions.flatMap({ try names(directory, $0) }) {
            let bytes = try Data(contentsOf: URL(filePath: "\(directory)/\(path)"))
            try db.execute(sql: "INSERT INTO \(table) VALUES (?, ?)", arguments: [path, bytes])
            count += 1
        }
        return count
    }

    /// The file itself, or the files of the folder; none if it is not there.
    private static func names(_ directory: String, _ name: String) throws(StorageError) -> [String] {
        var information = stat()
        let path = "\(directory)/\(name)"
        guard unsafe stat(path, &information) == 0 else { return [] }
        guard information.st_mode & S_IFMT == S_IFDIR else { return [name] }
        guard let folder = unsafe opendir(path) else { throw .unreadable(path: path, reason: systemReason(errno)) }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let child = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            // Hidden ones are files in the making.
            if !child.hasPrefix(".") { names.append("\(name)/\(child)") }
        }
        return names.sorted()
    }

    /// Nothing is moved before all of it is on the disk.
    private static func unpack(from db: Database, into directory: String, nowMs: Int64) throws -> Int {
        guard try db.tableExists(table) else { return 0 }
        var made: [(partial: String, path: String)] = []
        defer { for file in made { _ = unsafe unlink(file.partial) } }
        let rows = try Row.fetchCursor(db, sql: "SELECT path, bytes FROM \(table) ORDER BY path")
        while let row = try rows.next() {
            let (path, bytes): (String, Data) = (row["path"], row["bytes"])
            // A backup may come from anywhere: nothing is written but what would have been packed.
            let parts = path.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count <= 2, companions.contains(String(parts[0])),
                !parts.contains(where: { $0.hasPrefix(".") || $0.isEmpty })
            else { throw StorageError.corrupted(path: path, detail: "a backup holds no file of this name") }
            var folder = directory
            if parts.count == 2 {
                folder += "/\(parts[0])"
                _ = unsafe mkdir(folder, 0o750)
                try give(folder, to: directory)
            }
            let name = parts[parts.count - 1]
            // Hidden ones are files in the making.
            let file = (partial: "\(folder)/.\(name).partial", path: "\(folder)/\(name)")
            made.append(file)
            try bytes.write(to: URL(filePath: file.partial))
            try give(file.partial, to: directory)
            try DurableFile.sync(file.partial)
        }
        // Also of what the backup knows nothing of: afterwards all is as it was then.
        for path in singles.map({ "\(directory)/\($0)" }) where unsafe access(path, F_OK) == 0 {
            try DurableFile.move(path, to: "\(path).replaced-\(nowMs)")
        }
        for file in made { try DurableFile.move(file.partial, to: file.path) }
        for folder in folders.map({ "\(directory)/\($0)" }) where unsafe access(folder, F_OK) == 0 {
            try DurableFile.sync(folder)
        }
        return made.count
    }

    /// What root restores belongs to whom the data directory belongs to.
    private static func give(_ path: String, to directory: String) throws(StorageError) {
        var owner = stat()
        guard geteuid() == 0, unsafe stat(directory, &owner) == 0 else { return }
        guard unsafe lchown(path, owner.st_uid, owner.st_gid) == 0 else {
            throw .unwritable(path: path, reason: systemReason(errno))
        }
    }
}
