import Glibc

/// This process's connection to a local port, for questions to the kernel that a session has no reason to answer.
struct OwnSocket {
    private let descriptor: Int32

    /// Nil when there is none. With more than one, any of them.
    init?(toPort port: Int) {
        let found = (3..<1024).first { descriptor in
            var address = sockaddr_in()
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            // Sound: the pointer lives as long as the call, which writes no more than `size` bytes.
            let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                    unsafe getpeername(Int32(descriptor), pointer, &size)
                }
            }
            return result == 0 && address.sin_family == sa_family_t(AF_INET)
                && address.sin_port == in_port_t(port).bigEndian
        }
        guard let found else { return nil }
        descriptor = Int32(found)
    }

    /// Whether TCP acknowledges each segment at once, instead of with the next one that we send: TCP_QUICKACK, tcp(7).
    var acknowledgesAtOnce: Bool {
        var value: Int32 = -1
        var size = socklen_t(MemoryLayout<Int32>.size)
        _ = unsafe getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_QUICKACK, &value, &size)
        return value == 1
    }

    /// Has TCP leave its acknowledgements to the next segment that we send.
    func acknowledgeLater() {
        var value: Int32 = 0
        _ = unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_QUICKACK, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Segments with data that have been sent, or nil if the kernel does not tell: `tcpi_data_segs_out` of linux/tcp.h.
    var segmentsSent: UInt32? {
        var information = [UInt32](repeating: 0, count: 64)
        var size = socklen_t(information.count * MemoryLayout<UInt32>.stride)
        let place = 39
        guard unsafe getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &information, &size) == 0,
            Int(size) >= (place + 1) * MemoryLayout<UInt32>.stride
        else { return nil }
        return information[place]
    }
}
