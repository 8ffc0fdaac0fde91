internal import CZlib

/// Reads a file that may be compressed with gzip, piece by piece or line by line, in constant memory.
///
/// A file that isn't gzip is read as it is; several gzip members in a row are read as one, as gzip(1) does.
@safe public struct GzipReader: ~Copyable {
    public let path: String
    // zlib's handle. `@safe` holds: init makes it or throws, deinit closes it, the reader is noncopyable, and zlib
    // writes only into the buffer, up to its size.
    private let file: gzFile
    private var buffer: [UInt8]
    private var taken = 0
    private var filled = 0

    /// - Parameter bufferBytes: how much is read at a time.
    /// - Throws: ``GzipError`` if the file can't be opened.
    public init(path: String, bufferBytes: Int = 128 * 1024) throws(GzipError) {
        precondition(bufferBytes > 0, "a buffer must hold something, was \(bufferBytes)")
        guard let file = unsafe gzopen(path, "rbe") else {
            throw GzipError(path: path, problem: "can't be opened for reading")
        }
        unsafe self.file = file
        self.path = path
        buffer = Array(repeating: 0, count: bufferBytes)
    }

    deinit { unsafe _ = gzclose(file) }

    /// The whole content of a file.
    /// - Throws: ``GzipError``, also when the content is longer than `limit` bytes.
    public static func contents(ofFile path: String, limit: Int = 256 << 20) throws(GzipError) -> [UInt8] {
        var reader = try GzipReader(path: path)
        var content: [UInt8] = []
        while try reader.read(into: &content) > 0 {
            if content.count > limit { throw GzipError(path: path, problem: "is longer than \(limit) bytes") }
        }
        return content
    }

    /// Appends the next piece of the content to `bytes`; returns its length, 0 at the end.
    /// - Throws: ``GzipError`` if the file is damaged or ends early.
    public mutating func read(into bytes: inout [UInt8]) throws(GzipError) -> Int {
        if taken == filled { try refill() }
        let count = filled - taken
        bytes.append(contentsOf: buffer[taken..<filled])
        taken = filled
        return count
    }

    /// Replaces `line` by the next line, without its line feed. False at the end of the file.
    /// - Throws: ``GzipError`` if the file is damaged or ends early, or if a line is longer than `limit` bytes.
    public mutating func readLine(into line: inout [UInt8], limit: Int = 1 << 20) throws(GzipError) -> Bool {
        line.removeAll(keepingCapacity: true)
        while true {
            if taken == filled {
                try refill()
                if filled == 0 { return !line.isEmpty }
            }
            let rest = buffer[taken..<filled]
            let end = rest.firstIndex(of: 0x0A)
            line.append(contentsOf: rest[..<(end ?? filled)])
            if line.count > limit { throw GzipError(path: path, problem: "has a line longer than \(limit) bytes") }
            taken = end.map { $0 + 1 } ?? filled
            if end != nil { return true }
        }
    }

    /// Bytes of the file, as it lies on the disk, that have been read: for progress.
    public var position: Int { unsafe Int(gzoffset(file)) }

    private mutating func refill() throws(GzipError) {
        let room = UInt32(buffer.count)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe gzread(file, $0.baseAddress, room) }
        (taken, filled) = (0, max(0, Int(count)))
        // At the end of a file that was cut, zlib says "unexpected end of file" and returns what it has.
        var code: Int32 = 0
        let message = unsafe gzerror(file, &code)
        if count < 0 || filled == 0 && code != Z_OK && code != Z_STREAM_END {
            let problem = unsafe message.map { unsafe String(cString: $0) } ?? "zlib's code \(code)"
            throw GzipError(path: path, problem: "can't be read: \(problem)")
        }
    }
}

/// Why a compressed file can't be read.
public struct GzipError: Error, Equatable, CustomStringConvertible {
    public var path: String
    public var problem: String

    public init(path: String, problem: String) { (self.path, self.problem) = (path, problem) }

    public var description: String { "\(path): \(problem)" }
}
