internal import Glibc
internal import Synchronization

/// The data directory, made if need be and held by this process alone: a second daemon is refused.
///
/// The lock is the kernel's, of the open file (`F_OFD_SETLK`, fcntl(2)): it ends with the process, however that ends, so no
/// stale lock is ever left, and others can ask who holds it without taking it for a moment, in which a daemon that starts
/// would be refused. SQLite's own locks are no substitute: they would let a second writer in between two transactions.
final class DirectoryLock: Sendable {
    /// -1 once released.
    private let descriptor: Mutex<Int32>

    init(directory: String) throws(StorageError) {
        try Self.make(directory)
        let path = Self.path(in: directory)
        let file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard file >= 0 else { throw .unwritable(path: path, reason: systemReason(errno)) }
        var whole = Self.whole
        guard unsafe fcntl(file, OpenFileLock.set, &whole) == 0 else {
            let error = errno
            let holder = Self.readHolder(file)
            close(file)
            guard error == EAGAIN || error == EACCES else { throw .unwritable(path: path, reason: systemReason(error)) }
            throw .locked(directory: directory, holder: holder)
        }
        Self.writeHolder(file)
        descriptor = Mutex(file)
    }

    deinit { release() }

    /// Lets the next daemon in. Idempotent.
    func release() {
        descriptor.withLock { file in
            guard file >= 0 else { return }
            close(file)
            file = -1
        }
    }

    static func holder(of directory: String) throws(StorageError) -> DirectoryHolder? {
        let path = path(in: directory)
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            let error = errno
            if error == ENOENT || error == ENOTDIR { return nil }
            throw .unreadable(path: path, reason: systemReason(error))
        }
        defer { close(file) }
        var found = whole
        guard unsafe fcntl(file, OpenFileLock.ask, &found) == 0, found.l_type != Int16(F_UNLCK) else { return nil }
        return DirectoryHolder(process: readHolder(file))
    }

    private static func path(in directory: String) -> String { directory + "/sluice.lock" }

    /// The lock of a whole file, as fcntl(2) wants it told.
    private static var whole: flock {
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        return lock
    }

    private static func make(_ directory: String) throws(StorageError) {
        // One level at a time, as `mkdir -p`. A level that exists may still refuse: only the last result counts, but
        // the first reason explains it.
        var firstError: Int32?
        var end = directory.startIndex
        while end < directory.endIndex {
            end = directory[directory.index(after: end)...].firstIndex(of: "/") ?? directory.endIndex
            guard unsafe mkdir(String(directory[..<end]), 0o750) != 0, errno != EEXIST else { continue }
            firstError = firstError ?? errno
        }
        var information = stat()
        guard unsafe stat(directory, &information) == 0, information.st_mode & S_IFMT == S_IFDIR else {
            throw .unwritable(path: directory, reason: firstError.map(systemReason) ?? "it is not a directory")
        }
    }

    private static func readHolder(_ file: Int32) -> Int32? {
        var text = [UInt8](repeating: 0, count: 16)
        let count = unsafe text.withUnsafeMutableBytes { unsafe pread(file, $0.baseAddress, $0.count, 0) }
        return count > 0 ? Int32(String(decoding: text.prefix(while: { $0 > 0x20 }), as: UTF8.self)) : nil
    }

    /// Only a help for people; the lock holds without it, so errors are ignored.
    private static func writeHolder(_ file: Int32) {
        var text = Array("\(getpid())\n".utf8)
        guard ftruncate(file, 0) == 0 else { return }
        _ = unsafe text.withUnsafeMutableBytes { unsafe pwrite(file, $0.baseAddress, $0.count, 0) }
    }
}

/// fcntl(2)'s commands for locks of an open file, the same on every Linux; Glibc's module does not have them.
private enum OpenFileLock {
    /// `F_OFD_GETLK`
    static let ask: Int32 = 36
    /// `F_OFD_SETLK`
    static let set: Int32 = 37
}

/// The process that holds a data directory: a daemon, or a command that writes.
public struct DirectoryHolder: Sendable, Equatable {
    /// Nil where it could not be read.
    public var process: Int32?

    /// Who holds the directory; nil where nobody does. Takes nothing.
    ///
    /// - Throws: ``StorageError/unreadable(path:reason:)`` when this user may not know.
    public static func of(directory: String) throws(StorageError) -> DirectoryHolder? {
        try DirectoryLock.holder(of: directory)
    }
}

/// The system's words for an `errno`.
func systemReason(_ error: Int32) -> String {
    // Thread-safe in glibc since 2.32.
    unsafe String(cString: strerror(error))
}

/// A file's size in bytes, or 0 if there is none.
///
/// By `stat`, never by opening: closing any descriptor of a database drops the process's SQLite locks on it.
/// - Source: <https://www.sqlite.org/howtocorrupt.html>, section 2.2.
func fileBytes(_ path: String) -> Int {
    var information = stat()
    return unsafe stat(path, &information) == 0 ? Int(information.st_size) : 0
}
