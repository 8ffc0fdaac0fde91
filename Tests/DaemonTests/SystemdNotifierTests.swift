import Daemon
import Glibc
import Testing

/// Over a real datagram socket, as systemd holds one.
@Suite struct SystemdNotifierTests {
    /// The other end: bound to a path or, with a leading @, to an abstract name.
    private final class Listener {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        let name: String

        init(abstract: Bool) throws {
            let unique = "sluice-notify-\(getpid())-\(UInt64.random(in: 0 ... .max))"
            name = abstract ? "@\(unique)" : "/tmp/\(unique)"
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            var bytes = Array(name.utf8)
            if abstract { bytes[0] = 0 }
            // Unsafe as every call with a C address is; the pointers end with the call.
            unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
            let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
            let bound = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(descriptor, $0, length) }
            }
            try #require(bound == 0)
            var limit = timeval(tv_sec: 5, tv_usec: 0)
            unsafe setsockopt(
                descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        }

        deinit {
            close(descriptor)
            if name.hasPrefix("/") { unsafe unlink(name) }
        }

        func receive() -> String {
            var bytes = [UInt8](repeating: 0, count: 512)
            let count = unsafe recv(descriptor, &bytes, bytes.count, 0)
            return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        }
    }

    @Test(arguments: [false, true]) func saysHowTheDaemonIs(abstract: Bool) throws {
        let listener = try Listener(abstract: abstract)
        let notifier = SystemdNotifier(environment: ["NOTIFY_SOCKET": listener.name])
        #expect(notifier.isActive)
        #expect(notifier.ready(status: "serving\non 8311"))
        #expect(listener.receive() == "READY=1\nSTATUS=serving on 8311")
        #expect(notifier.status("1 broker down"))
        #expect(listener.receive() == "STATUS=1 broker down")
        #expect(notifier.reloading())
        #expect(listener.receive().hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
        #expect(notifier.stopping(status: "committing"))
        #expect(listener.receive() == "STOPPING=1\nSTATUS=committing")
    }

    @Test(arguments: [[:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "vsock:2:1234"]])
    func withoutASocketNothingIsSent(environment: [String: String]) {
        let notifier = SystemdNotifier(environment: environment)
        #expect(!notifier.isActive)
        #expect(!notifier.ready(status: "serving"))
    }

    @Test(arguments: ["/nowhere/notify", "/" + String(repeating: "x", count: 200)])
    func aSocketThatIsGoneDoesNoHarm(path: String) {
        #expect(!SystemdNotifier(environment: ["NOTIFY_SOCKET": path]).ready(status: "serving"))
    }
}
