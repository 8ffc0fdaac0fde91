internal import Glibc

/// Wakes a thread that sleeps in `poll`.
final class Bell: Sendable {
    /// Readable from ``ring()`` to ``silence()``.
    let descriptor: Int32
    private let writer: Int32

    init() throws(ProxyFailure) {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { throw ProxyFailure("no pipe, errno \(errno)") }
        for end in ends { Socket.prepare(end) }
        (descriptor, writer) = (ends[0], ends[1])
    }

    deinit {
        close(descriptor)
        close(writer)
    }

    /// A full pipe has woken it already.
    func ring() {
        var byte: UInt8 = 1
        unsafe write(writer, &byte, 1)
    }

    func silence() {
        var bytes = [UInt8](repeating: 0, count: 4096)
        unsafe read(descriptor, &bytes, bytes.count)
    }
}
