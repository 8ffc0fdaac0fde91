internal import GRDB
internal import GRDBSQLite

/// Why the issue store can't be opened, read or written: what is wrong, where, and what to do.
public enum StorageError: Error, Equatable, CustomStringConvertible {
    /// Another daemon holds the directory. `holder` is its process id, when it could be read.
    case locked(directory: String, holder: Int32?)
    /// The directory can't be made, or nothing can be written in it.
    case unwritable(path: String, reason: String)
    /// A backup can't be made there.
    case noPlace(path: String, reason: String)
    /// This user may not read the database.
    case unreadable(path: String, reason: String)
    /// There is no database, or the daemon is only just creating it.
    case missing(path: String)
    /// The file is something else than an SQLite database.
    case notADatabase(path: String)
    /// The file is an SQLite database of another program.
    case notOurs(path: String)
    /// The file is damaged.
    case corrupted(path: String, detail: String)
    /// A newer Sluice wrote it: `found` and `known` are schema versions.
    case newerSchema(path: String, found: Int, known: Int)
    /// A file that a person named, such as a backup, is not there or is of no use.
    case unusable(path: String, reason: String, isMissing: Bool)
    /// SQLite refused for another reason.
    case failed(path: String, doing: String, reason: String)

    /// Stable; safe as a metric label.
    public var code: String {
        switch self {
        case .locked: "locked"
        case .unwritable, .noPlace: "unwritable"
        case .unreadable: "unreadable"
        case .missing: "missing"
        case .notADatabase: "not_a_database"
        case .notOurs: "not_ours"
        case .corrupted: "corrupted"
        case .newerSchema: "newer_schema"
        case .unusable: "unusable"
        case .failed: "failed"
        }
    }

    public var description: String {
        switch self {
        case .locked(let directory, let holder):
            "\(directory): another sluice\(holder.map { " (process \($0))" } ?? "") is using this data directory;"
                + " stop it, or give this one a directory of its own"
        case .unwritable(let path, let reason):
            "\(path): can't be written: \(reason); give the daemon's user a data directory that it may write to"
        case .noPlace(let path, let reason):
            "\(path): can't be written: \(reason); name a new file in a folder that you may write to"
        case .unreadable(let path, let reason):
            "\(path): can't be read: \(reason); run this as the daemon's user"
        case .missing(let path):
            "\(path): there is no database yet; start the daemon with this data directory, or name another one"
        case .notADatabase(let path):
            "\(path): is not an SQLite database; the daemon moves it aside at its next start and creates a new one"
        case .notOurs(let path):
            "\(path): is the database of another program; name another data directory"
        case .corrupted(let path, let detail):
            "\(path): is damaged: \(detail); restart the daemon: it moves the file aside, starts with a new one and takes"
                + " over the requests that can still be read; `sqlite3 FILE .recover` may rescue more"
        case .newerSchema(let path, let found, let known):
            "\(path): was written by a newer sluice (schema \(found), this one knows \(known)); install that version"
        case .unusable(let path, let reason, _): "\(path): \(reason)"
        case .failed(let path, let doing, let reason):
            "\(path): \(doing) failed: \(reason)"
        }
    }
}

extension StorageError {
    /// The same of a file that a person named: what to do with a daemon's own database is no advice about that.
    public var ofNamedFile: StorageError {
        switch self {
        case .missing(let path): .unusable(path: path, reason: "there is no such file, or it is empty", isMissing: true)
        case .notADatabase(let path):
            .unusable(path: path, reason: "is no backup: it is not an SQLite database", isMissing: false)
        case .notOurs(let path):
            .unusable(path: path, reason: "is no backup: it is the database of another program", isMissing: false)
        case .corrupted(let path, let detail):
            .unusable(
                path: path, reason: "is damaged: \(detail); use another backup, or try `sqlite3 FILE .recover`",
                isMissing: false)
        case .unreadable(let path, let reason):
            .unusable(path: path, reason: "can't be read: \(reason)", isMissing: false)
        default: self
        }
    }

    /// Names what SQLite reported, for the person on call.
    ///
    /// - Parameters:
    ///   - doing: what was tried, as a noun: "opening", "reading requests".
    ///   - isReader: whether it was only to be read.
    init(_ error: any Error, path: String, doing: String, isReader: Bool = false) {
        if let error = error as? StorageError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self = .failed(path: path, doing: doing, reason: "\(error)")
            return
        }
        let reason = "\(Self.words(error)) (SQLite code \(error.extendedResultCode.rawValue))"
        self =
            switch error.resultCode {
            case .SQLITE_NOTADB: .notADatabase(path: path)
            case .SQLITE_CORRUPT: .corrupted(path: path, detail: reason)
            case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
                isReader ? .unreadable(path: path, reason: reason) : .unwritable(path: path, reason: reason)
            default: .failed(path: path, doing: doing, reason: reason)
            }
    }

    /// A backup's failure stands in its code alone: the connection that is asked for words has had none.
    private static func words(_ error: DatabaseError) -> String {
        if let message = error.message, message != "not an error" { return message }
        // SQLite's own constant text.
        return unsafe sqlite3_errstr(error.extendedResultCode.rawValue).map { unsafe String(cString: $0) }
            ?? "no details"
    }
}
