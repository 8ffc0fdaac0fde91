internal import Glibc
internal import TimeBase

/// A second handle on a connection, to see it to its end after the library has closed its own.
///
/// What the broker has sent and nobody will read turns `close` into a reset (RFC 1122 §4.2.2.13), and a reset may throw
/// away what the broker has not read of ours: acknowledgements, and the goodbye. So we say that we have finished and
/// read on until the broker has, too.
struct EndingConnection: ~Copyable {
    private let descriptor: Int32

    /// - Parameter socket: a connected socket, or -1.
    /// - Returns: nil when there is none, or no descriptor is left.
    init?(_ socket: Int32) {
        descriptor = socket >= 0 ? fcntl(socket, F_DUPFD_CLOEXEC, 0) : -1
        if descriptor < 0 { return nil }
    }

    deinit { close(descriptor) }

    /// Reads and throws away until the broker has closed its side, for `limitMs` at most.
    func finish(withinMs limitMs: Int64) {
        shutdown(descriptor, Int32(SHUT_WR))
        let end = MonotonicClock.nowMs() + limitMs
        var scrap = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let left = end - MonotonicClock.nowMs()
            guard left > 0 else { return }
            var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&ready, 1, Int32(left)) > 0 else { return }
            guard unsafe recv(descriptor, &scrap, scrap.count, Int32(MSG_DONTWAIT)) > 0 else { return }
        }
    }
}
