internal import Glibc

/// The file of a tape that grows. Owned by the tape, under its lock.
final class TapeFile {
    private let descriptor: Int32
    private let path: String
    private(set) var size: Int
    /// The last line got in only in part.
    private var isMidLine = false

    init(_ path: String, isNew: Bool) throws(EventTapeError) {
        self.path = path
        let flags = O_RDWR | O_APPEND | O_CLOEXEC | (isNew ? O_CREAT | O_EXCL : 0)
        let descriptor = unsafe open(path, flags, 0o640)
        guard descriptor >= 0 else { throw EventTapeError(path, errno: errno) }
        self.descriptor = descriptor
        size = Int(lseek(descriptor, 0, SEEK_END))
    }

    deinit { close(descriptor) }

    /// Cuts off what follows the last whole line, and returns that line's number; 0 when there is none.
    func mend() throws(EventTapeError) -> Int64 {
        // No line is longer than this: its values are cut off at two kilobytes.
        let reach = 1 << 20
        let start = max(0, size - reach)
        var bytes = [UInt8](repeating: 0, count: size - start)
        let count = unsafe pread(descriptor, &bytes, bytes.count, off_t(start))
        guard count == bytes.count else { throw EventTapeError(path, errno: errno) }
        guard let end = bytes.lastIndex(of: 0x0A) else {
            guard start == 0, ftruncate(descriptor, 0) == 0 else { throw EventTapeError(path, errno: errno) }
            size = 0
            return 0
        }
        guard ftruncate(descriptor, off_t(start + end + 1)) == 0 else { throw EventTapeError(path, errno: errno) }
        size = start + end + 1
        let begin = bytes[..<end].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return TapeLine.sequence(bytes[begin..<end]) ?? 0
    }

    /// Appends one line whole. False when it could not be.
    func append(_ line: [UInt8]) -> Bool {
        let bytes = isMidLine ? [0x0A] + line : line
        let written = unsafe write(descriptor, bytes, bytes.count)
        if written > 0 {
            size += written
            isMidLine = written < bytes.count
        }
        return written == bytes.count
    }
}
