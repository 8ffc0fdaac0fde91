internal import Glibc

/// The names of a tape's files.
struct TapeFiles {
    let directory: String

    private static let suffix = ".ndjson"

    func path(of first: Int64) -> String {
        let digits = String(first)
        return "\(directory)/\(String(repeating: "0", count: max(0, 20 - digits.count)))\(digits)\(Self.suffix)"
    }

    /// The first numbers of the files that are there, ascending.
    var segments: [Int64] {
        guard let folder = unsafe opendir(directory) else { return [] }
        defer { unsafe closedir(folder) }
        var found: [Int64] = []
        // Unsafe because C's array of the name is a tuple in Swift; it ends with a zero.
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            guard name.hasSuffix(Self.suffix), let first = Int64(name.dropLast(Self.suffix.count)) else { continue }
            found.append(first)
        }
        return found.sorted()
    }

    private var identityPath: String { "\(directory)/id" }

    /// Names the tape, unless it has a name.
    func makeIdentity() throws(EventTapeError) {
        guard identity == nil else { return }
        var random = SystemRandomNumberGenerator()
        let name = Array(String(random.next() as UInt64, radix: 36).utf8)
        let descriptor = unsafe open(identityPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw EventTapeError(identityPath, errno: errno) }
        defer { close(descriptor) }
        guard unsafe write(descriptor, name, name.count) == name.count else {
            throw EventTapeError(identityPath, errno: errno)
        }
    }

    /// The tape's name; nil where there is none.
    var identity: String? {
        let descriptor = unsafe open(identityPath, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = unsafe read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
