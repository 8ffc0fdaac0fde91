internal import GRDB
internal import Glibc

/// Finds damage that SQLite would pass over without a word, and moves damaged files aside.
struct DamagedFiles {
    let path: String

    private var wal: String { path + "-wal" }

    /// What is wrong with the files before anything has opened them, or nil.
    ///
    /// SQLite takes an empty file for a new database and deletes the log beside it, and it takes a log whose head is
    /// unreadable for an empty one: either would lose what was acknowledged, in silence. A log that is damaged further on
    /// can't be told from one that a power cut has torn; SQLite takes it up to there.
    /// - Source: <https://www.sqlite.org/walformat.html>, section 2.1.
    func problem(wasInUse: Bool) -> String? {
        let head = Self.head(of: wal, count: 8)
        let hasLog = head.count == 8 && head != Array(repeating: 0, count: 8)
        if fileBytes(path) == 0, hasLog { return "it is empty or missing, and its write-ahead log is not" }
        if fileBytes(path) == 0, wasInUse, Self.exists(path) { return "it is empty" }
        // Magic number, either byte order of checksums; format 3007000.
        let isLog =
            head.starts(with: [0x37, 0x7F, 0x06]) && head[3] & 0xFE == 0x82 && head[4...] == [0, 0x2D, 0xE2, 0x18]
        return hasLog && !isLog ? "the write-ahead log beside it has no readable head" : nil
    }

    /// Moves the database and its log aside, under one name with the time in it. Deletes nothing.
    ///
    /// - Returns: the database's new path.
    func moveAside() throws(StorageError) -> String {
        var now = time(nil)
        var utc = unsafe tm()
        unsafe gmtime_r(&now, &utc)
        func digits(_ number: Int32, _ count: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let stamp =
            unsafe digits(utc.tm_year + 1900, 4) + digits(utc.tm_mon + 1, 2) + digits(utc.tm_mday, 2) + "T"
            + digits(utc.tm_hour, 2) + digits(utc.tm_min, 2) + digits(utc.tm_sec, 2) + "Z"
        var target = path + ".damaged-" + stamp
        var number = 2
        while Self.exists(target) || Self.exists(target + "-wal") {
            target = path + ".damaged-\(stamp)-\(number)"
            number += 1
        }
        // The database first: a log without one is found as damage by the next start, should this be cut short.
        for suffix in ["", "-wal", "-shm"] where Self.exists(path + suffix) {
            guard unsafe rename(path + suffix, target + suffix) == 0 else {
                throw .unwritable(path: path + suffix, reason: systemReason(errno))
            }
        }
        return target
    }

    /// Whether `error` says that the file's bytes are wrong. That they can't be read is another matter: the disk may give
    /// them tomorrow.
    static func isDamage(_ error: any Error) -> Bool {
        switch error {
        case StorageError.corrupted, StorageError.notADatabase: true
        case let error as DatabaseError: [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode)
        default: false
        }
    }

    private static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    private static func head(of path: String, count: Int) -> [UInt8] {
        // Nothing has the database open yet, so closing this descriptor drops nobody's locks.
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: count)
        let got = unsafe bytes.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
        return Array(bytes.prefix(max(0, got)))
    }
}
