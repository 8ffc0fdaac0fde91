internal import Glibc
internal import Synchronization

/// The data directory, made if need be and held by this process alone: a second daemon is refused.
///
/// The lock is the kernel's (`flock`): it ends with the process, however that ends, so no stale lock is ever left.
/// SQLite's own locks are no substitute: they would let a second writer in between two transactions.
final class DirectoryLock: Sendable {
    /// -1 once released.
    private let descriptor: Mutex<Int32>

    init(directory: String) throws(StorageError) {
        try Self.make(directory)
        let path = directory + "/sluice.lock"
        let file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard file >= 0 else { throw .unwritable(path: path, reason: systemReason(errno)) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let error = errno
            let holder = Self.readHolder(file)
            close(file)
            guard error == EWOULDBLOCK else { throw .unwritable(path: path, reason: systemReason(error)) }
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
