internal import Glibc
internal import TimeBase

/// Tells systemd how the daemon is (`sd_notify(3)`), over the datagram socket that `$NOTIFY_SOCKET` names.
///
/// Without the variable nothing is sent. A state that can't be sent is left out: systemd's own time-outs cover a
/// lost one, and a daemon that runs must not end for it.
package struct SystemdNotifier: Sendable {
    /// A path, or for the abstract namespace a name that starts with `@`; nil when nobody listens.
    private let address: String?
    /// How long systemd waits for ``alive()`` before it restarts us (`WatchdogSec`); nil when it doesn't.
    package let watchdogInterval: Duration?

    package init(environment: [String: String]) {
        let name = environment["NOTIFY_SOCKET"] ?? ""
        address = name.hasPrefix("/") || name.hasPrefix("@") ? name : nil
        // Meant for another process, the one that started us for example, it is none of ours.
        let isForUs = environment["WATCHDOG_PID"].map { Int32($0) == getpid() } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        watchdogInterval = isForUs && address != nil && microseconds > 0 ? .microseconds(microseconds) : nil
    }

    /// Whether systemd started us and listens.
    package var isActive: Bool { address != nil }

    /// The daemon serves. `status` is a line for `systemctl status`.
    @discardableResult package func ready(status: String) -> Bool { send("READY=1\nSTATUS=\(Self.oneLine(status))") }

    /// What it does now, in a line.
    @discardableResult package func status(_ text: String) -> Bool { send("STATUS=\(Self.oneLine(text))") }

    /// All goes round. To be said at least once in ``watchdogInterval``.
    @discardableResult package func alive() -> Bool { send("WATCHDOG=1") }

    /// A reload has begun; ``ready(status:)`` ends it.
    @discardableResult package func reloading() -> Bool {
        send("RELOADING=1\nMONOTONIC_USEC=\(MonotonicClock.nowNs() / 1000)")
    }

    /// The daemon has begun to stop.
    @discardableResult package func stopping(status: String) -> Bool {
        send("STOPPING=1\nSTATUS=\(Self.oneLine(status))")
    }

    private static func oneLine(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 })
    }

    /// Sends one datagram; false when there is nobody to send to or it could not be sent.
    private func send(_ state: String) -> Bool {
        guard let address, var target = Self.socketAddress(address) else { return false }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // The family, then the name without a closing zero: in the abstract namespace every byte counts.
        let length = socklen_t(MemoryLayout<sa_family_t>.size + address.utf8.count)
        let bytes = Array(state.utf8)
        // Unsafe because C takes the address as a pointer to its header; both pointers end with the call.
        let sent = unsafe withUnsafePointer(to: &target) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { header in
                unsafe sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), header, length)
            }
        }
        return sent == bytes.count
    }

    /// The address as the kernel takes it: the `@` of an abstract name is a zero byte there. Nil when it is too long.
    private static func socketAddress(_ name: String) -> sockaddr_un? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(name.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
        // Unsafe because C's array is a tuple in Swift; the count is checked above.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { path in unsafe path.copyBytes(from: bytes) }
        return address
    }
}
