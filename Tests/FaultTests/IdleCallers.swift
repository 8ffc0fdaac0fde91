import Foundation

/// Connections to a port of this machine that are opened and kept.
final class IdleCallers: Sendable {
    private let descriptors: [Int32]

    init(port: Int, count: Int, saying words: String = "") {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var opened: [Int32] = []
        for _ in 0..<count {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            let isConnected = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            if isConnected { opened.append(descriptor) } else { close(descriptor) }
        }
        descriptors = opened
        say(words)
    }

    deinit { hangUp() }

    func say(_ words: String) {
        let bytes = Array(words.utf8)
        for descriptor in descriptors {
            _ = unsafe send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        }
    }

    /// What each is told until the server hangs up; what has come after ten seconds, if it doesn't.
    func answers() -> [String] {
        descriptors.map { descriptor in
            var patience = timeval(tv_sec: 10, tv_usec: 0)
            _ = unsafe setsockopt(
                descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
            var answer: [UInt8] = []
            var bytes = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = unsafe recv(descriptor, &bytes, bytes.count, 0)
                guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
                answer += bytes[..<count]
            }
        }
    }

    func hangUp() {
        for descriptor in descriptors { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
}
