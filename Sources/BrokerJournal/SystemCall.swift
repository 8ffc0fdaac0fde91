internal import Glibc

/// The system calls of a reader: everything unsafe of this target stands here and in ``Segment``.
enum SystemCall {
    /// What the system calls an error.
    static func sentence(_ number: Int32) -> String {
        unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
    }

    /// The names in a directory.
    static func names(in directory: String) throws(JournalError) -> [String] {
        guard let entries = unsafe opendir(directory) else { throw JournalError(path: directory, number: errno) }
        defer { unsafe closedir(entries) }
        var names: [String] = []
        while let entry = unsafe readdir(entries) {
            // `d_name` ends with a NUL inside the entry, which lives until the next call.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            names.append(name)
        }
        return names
    }

    /// A file's size, or nil when it isn't there.
    static func size(of path: String) -> UInt64? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? UInt64(clamping: status.st_size) : nil
    }

    /// Writes a file under another name and moves it into its place: readers see the old one or the new one.
    static func replace(_ path: String, by text: String, through temporary: String) throws(JournalError) {
        let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard file >= 0 else { throw JournalError(path: temporary, number: errno) }
        defer { close(file) }
        let bytes = Array(text.utf8)
        let written = unsafe write(file, bytes, bytes.count)
        guard written == bytes.count else {
            throw JournalError(path: temporary, number: written < 0 ? errno : ENOSPC)
        }
        guard unsafe rename(temporary, path) == 0 else { throw JournalError(path: path, number: errno) }
    }
}

/// A segment, open for reading.
final class Segment {
    let number: UInt64
    let path: String
    private let descriptor: Int32

    /// - Returns: nil when there is no such segment.
    init?(_ number: UInt64, in directory: String) throws(JournalError) {
        self.number = number
        path = "\(directory)/\(JournalFormat.name(of: number))"
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if descriptor < 0 {
            if errno == ENOENT { return nil }
            throw JournalError(path: path, number: errno)
        }
    }

    deinit { close(descriptor) }

    /// Its size, and whether it still has a name: one that was removed can be read to its end.
    func status() throws(JournalError) -> (size: UInt64, isRemoved: Bool) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw JournalError(path: path, number: errno) }
        return (UInt64(clamping: status.st_size), status.st_nlink == 0)
    }

    /// Fills `buffer` from `offset` on; returns how many bytes there were.
    func read(into buffer: inout [UInt8], from offset: UInt64) throws(JournalError) -> Int {
        var filled = 0
        while filled < buffer.count {
            // Reads into the array's own memory, which holds `count - filled` bytes behind `filled`.
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                let place = off_t(offset) + off_t(filled)
                return unsafe pread(descriptor, bytes.baseAddress! + filled, bytes.count - filled, place)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw JournalError(path: path, number: errno) }
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    /// The journal's number in its header, or nil when that is not (yet) sound.
    func journal() throws(JournalError) -> UInt64? {
        var header = [UInt8](repeating: 0, count: JournalFormat.segmentHeaderBytes)
        guard try read(into: &header, from: 0) == header.count else { return nil }
        return JournalFormat.journal(inHeader: header.span, of: number)
    }
}
