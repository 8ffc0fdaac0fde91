internal import Glibc

/// systemd's journal, spoken to in its own protocol: one datagram an entry, of named fields.
///
/// - Source: systemd, "Native Journal Protocol".
public struct JournalSocket: Sendable {
    /// Where journald listens.
    public static let standard = "/run/systemd/journal/socket"

    private let path: String

    public init(path: String = JournalSocket.standard) { self.path = path }

    /// Whether `descriptor` is the stream to the journal that systemd made: `stream` is its device and inode.
    static func listens(at descriptor: Int32, stream: String?) -> Bool {
        guard let stream else { return false }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return false }
        return stream == "\(status.st_dev):\(status.st_ino)"
    }

    /// Sends one entry. False when nobody listens, or does not take it at once: a log must not stop its writer.
    func send(_ entry: JournalEntry) -> Bool {
        guard let target = UnixAddress(path) else { return false }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        let sent = unsafe target.withPointer { header, length in
            unsafe sendto(descriptor, entry.bytes, entry.bytes.count, flags, header, length)
        }
        return sent == entry.bytes.count
    }
}

/// The address of a socket in the file system.
private struct UnixAddress {
    private var address = sockaddr_un()

    /// Nil when the path is too long.
    init?(_ path: String) {
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        // Unsafe because C's array is a tuple in Swift; the count is checked above.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in unsafe room.copyBytes(from: bytes) }
    }

    /// Unsafe because C takes the address as a pointer to its header, which must not outlive `body`.
    func withPointer(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int) -> Int {
        unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { header in
                unsafe body(header, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
