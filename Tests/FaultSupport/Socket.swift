internal import Glibc

/// One TCP socket on the loopback interface. Closed when its owner lets go of it.
struct Socket: ~Copyable {
    let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    // MARK: - Listening

    /// Holds a port, without taking connections: they are refused.
    /// - Parameter port: 0 takes one that is free.
    static func bound(port: Int) throws(ProxyFailure) -> Socket {
        let made = try Socket.make()
        var yes: Int32 = 1
        unsafe setsockopt(made.descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let isBound = unsafe withAddress(port) { name, size in unsafe bind(made.descriptor, name, size) == 0 }
        guard isBound else { throw ProxyFailure("can't take port \(port) of 127.0.0.1, errno \(errno)") }
        return made
    }

    /// The port that it holds.
    var port: Int {
        unsafe Self.withAddress(0) { name, size in
            var size = size
            guard unsafe getsockname(descriptor, name, &size) == 0 else { return 0 }
            return unsafe name.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                unsafe Int(UInt16(bigEndian: $0.pointee.sin_port))
            }
        }
    }

    func listen() throws(ProxyFailure) {
        guard Glibc.listen(descriptor, 128) == 0 else { throw ProxyFailure("can't listen, errno \(errno)") }
    }

    func accept() -> Socket? {
        let accepted = Glibc.accept(descriptor, nil, nil)
        guard accepted >= 0 else { return nil }
        Self.prepare(accepted)
        let socket = Socket(accepted)
        socket.sendAtOnce()
        return socket
    }

    // MARK: - Connections

    /// A connection to a port of this machine, or nil when nobody takes it.
    static func connected(port: Int) -> Socket? {
        guard let socket = try? make(isBlocking: true) else { return nil }
        let isConnected = unsafe withAddress(port) { name, size in
            unsafe connect(socket.descriptor, name, size) == 0
        }
        guard isConnected else { return nil }
        _ = fcntl(socket.descriptor, F_SETFL, O_NONBLOCK)
        socket.sendAtOnce()
        return socket
    }

    enum Received { case bytes([UInt8]), nothing, end }

    func receive(atMost count: Int) -> Received {
        var end = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let got = unsafe recv(descriptor, buffer.baseAddress, count, 0)
            filled = max(0, got)
            end = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)
        }
        return end ? .end : bytes.isEmpty ? .nothing : .bytes(bytes)
    }

    /// Bytes that the kernel took; nil when the connection is gone.
    func send(_ bytes: ArraySlice<UInt8>) -> Int? {
        let sent = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe Glibc.send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
        }
        if sent >= 0 { return sent }
        return errno == EAGAIN || errno == EINTR ? 0 : nil
    }

    /// No more from us.
    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Closing it will send RST, and throw away what has not been sent.
    func resetOnClose() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    }

    // MARK: - Parts

    /// Makes a descriptor non-blocking, and keeps it from children.
    static func prepare(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    private static func make(isBlocking: Bool = false) throws(ProxyFailure) -> Socket {
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | (isBlocking ? 0 : SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_INET, Int32(kind), 0)
        guard descriptor >= 0 else { throw ProxyFailure("no socket, errno \(errno)") }
        return Socket(descriptor)
    }

    private func sendAtOnce() {
        var yes: Int32 = 1
        unsafe setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func withAddress<Value>(
        _ port: Int, _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Value
    ) -> Value {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                unsafe body(name, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
