internal import GRDB
internal import GRDBSQLite

/// The write-ahead log's file, by SQLite's own handle: a descriptor of our own would take SQLite's locks along when closed.
enum WriteAheadLog {
    private static let bytesAtATime = 64 << 10

    /// Writes what stands in the log to where it stands, so that the next sync is about all of it: after a sync that failed
    /// the kernel may hold for clean what is not on the disk (``CommitMark``).
    ///
    /// Bytes that are on the disk already are replaced by the same, so cutting this short harms nothing. Within a
    /// transaction that holds the write lock. A few milliseconds a MiB; the log has 12 MiB at most, but for bursts.
    static func rewrite(_ db: Database) throws {
        var handle: UnsafeMutablePointer<sqlite3_file>?
        let code = unsafe sqlite3_file_control(db.sqliteConnection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &handle)
        // No log is open: then there is none.
        guard code == SQLITE_OK, let file = unsafe handle, let methods = unsafe file.pointee.pMethods?.pointee else {
            return
        }
        guard let size = unsafe methods.xFileSize, let read = unsafe methods.xRead, let write = unsafe methods.xWrite
        else { return }
        var end: Int64 = 0
        try unsafe check(size(file, &end))
        var bytes = [UInt8](repeating: 0, count: bytesAtATime)
        // The handle belongs to the connection, which `db` keeps open; the buffer outlives each call.
        try unsafe bytes.withUnsafeMutableBytes { buffer in
            for offset in stride(from: 0, to: end, by: bytesAtATime) {
                let count = Int32(min(Int64(bytesAtATime), end - offset))
                try unsafe check(read(file, buffer.baseAddress, count, offset))
                try unsafe check(write(file, buffer.baseAddress, count, offset))
            }
        }
    }

    private static func check(_ code: Int32) throws {
        guard code != SQLITE_OK else { return }
        throw DatabaseError(resultCode: ResultCode(rawValue: code), message: "writing the write-ahead log again")
    }
}
