internal import Glibc
internal import SPSCRing
internal import Synchronization

/// A broker that costs nothing: it answers one MQTT subscriber and streams packets made beforehand, as fast as they
/// are taken or at a steady rate, at QoS 1 within the subscriber's receive maximum.
///
/// One connection, one thread. What it shows is the subscriber's speed; no real broker is as fast.
final class FakeBroker: Sendable {
    let port: Int
    private let stream: PacketStream
    /// Packets that are sent before the clock starts.
    private let warm: Int
    private let perSecond: Int?
    private let result = Mutex<Result<Times, WrongAnswer>?>(nil)
    private let thread: Mutex<WorkerThread?>
    private let allSent = Gate()

    /// Waits until everything has been sent and, at QoS 1, acknowledged.
    func through() async throws {
        let deadline = ContinuousClock.now + .seconds(300)
        while !allSent.isOpen {
            try check()
            guard ContinuousClock.now < deadline else { throw WrongAnswer("not everything was taken in five minutes") }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// - Throws: what ended it, if it has ended for a reason of its own.
    func check() throws {
        if case .failure(let reason) = result.withLock({ $0 }) { throw reason }
    }

    /// By the monotonic clock.
    struct Times: Sendable {
        /// When the first packet after the warm ones was sent; at QoS 1, when all warm ones had been acknowledged.
        var began: ContinuousClock.Instant
        /// When the last was acknowledged; at QoS 0, written.
        var ended: ContinuousClock.Instant
        /// Of each packet after the warm ones, when it was sent and when it was acknowledged; at a steady rate only.
        var packets: [PacketTimes]
    }

    struct PacketTimes: Sendable {
        var sent: ContinuousClock.Instant
        var acknowledged: ContinuousClock.Instant
    }

    /// - Parameters:
    ///   - perSecond: packets a second after the warm ones, at QoS 1; nil: as fast as they are taken.
    ///   - mayBegin: asked while the stream stands between the warm packets and the rest.
    init(
        _ stream: PacketStream, warm: Int, perSecond: Int? = nil, mayBegin: @escaping @Sendable () -> Bool = { true }
    ) throws {
        precondition(perSecond == nil || stream.quality == 1, "a steady rate is measured by acknowledgements")
        self.stream = stream
        self.warm = warm
        self.perSecond = perSecond
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard listener >= 0 else { throw WrongAnswer("no socket: errno \(errno)") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // Sound: the pointers live as long as the calls.
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(listener, pointer, length) == 0 && listen(listener, 1) == 0
                    && getsockname(listener, pointer, &length) == 0
            }
        }
        guard isBound else { throw WrongAnswer("no port on 127.0.0.1: errno \(errno)") }
        port = Int(UInt16(bigEndian: address.sin_port))
        thread = Mutex(nil)
        let started = WorkerThread.start(name: "fake-broker") { [self] in
            let outcome: Result<Times, WrongAnswer>
            do {
                outcome = .success(try serve(listener, mayBegin))
            } catch let error as WrongAnswer {
                outcome = .failure(error)
            } catch {
                outcome = .failure(WrongAnswer("\(error)"))
            }
            result.withLock { $0 = outcome }
            close(listener)
        }
        thread.withLock { $0 = started }
    }

    /// Waits until everything has been sent and, at QoS 1, acknowledged. Blocks.
    func finish() throws -> Times {
        thread.withLock { $0 }?.join()
        guard let outcome = result.withLock({ $0 }) else { throw WrongAnswer("the fake broker gave up") }
        return try outcome.get()
    }

    private func serve(_ listener: Int32, _ mayBegin: () -> Bool) throws -> Times {
        let peer = accept(listener, nil, nil)
        guard peer >= 0 else { throw WrongAnswer("nobody connected: errno \(errno)") }
        defer { close(peer) }
        _ = fcntl(peer, F_SETFL, O_NONBLOCK)
        var session = Session(socket: peer, level: stream.level)
        try session.greet()
        try session.send(stream, packets: 0..<warm)
        while !mayBegin() { try session.take(waitingMs: 20) }
        let began = ContinuousClock.now
        var packets: [PacketTimes] = []
        if let perSecond {
            packets = try session.pace(stream, packets: warm..<stream.count, perSecond: perSecond)
        } else {
            try session.send(stream, packets: warm..<stream.count)
        }
        let ended = ContinuousClock.now
        allSent.open()
        // At QoS 0 the subscriber still reads; it goes when it has counted enough, or is ended.
        while !session.isClosed { try session.take(waitingMs: 100) }
        return Times(began: began, ended: ended, packets: packets)
    }
}

extension FakeBroker {
    /// The broker's end of one connection.
    struct Session {
        private let socket: Int32
        private let level: UInt8
        private var inbox: [UInt8] = []
        private var scratch = [UInt8](repeating: 0, count: 65_536)
        private var receiveMaximum = 65_535
        private var acknowledged = 0
        private var isSubscribed = false
        private(set) var isClosed = false
        /// What waits for the end of a packet that the socket has taken in part.
        private var replies: [UInt8] = []
        private var isInsidePacket = false

        init(socket: Int32, level: UInt8) { (self.socket, self.level) = (socket, level) }

        /// Answers until the subscription stands.
        mutating func greet() throws {
            while !isSubscribed {
                try take(waitingMs: 1000)
                guard !isClosed else { throw WrongAnswer("the subscriber went before it subscribed") }
            }
        }

        /// Writes `packets` of the stream, and at QoS 1 waits until all of them are acknowledged.
        mutating func send(_ stream: PacketStream, packets: Range<Int>) throws {
            guard !packets.isEmpty else { return }
            var written = packets.lowerBound == 0 ? 0 : stream.ends[packets.lowerBound - 1]
            var allowed = packets.lowerBound
            let end = stream.ends[packets.upperBound - 1]
            while written < end || stream.quality > 0 && acknowledged < packets.upperBound {
                if isClosed { throw WrongAnswer("the subscriber went after \(acknowledged) acknowledgements") }
                allowed =
                    stream.quality == 0 ? packets.upperBound : min(packets.upperBound, acknowledged + receiveMaximum)
                let limit = allowed == 0 ? 0 : stream.ends[allowed - 1]
                if written < limit {
                    let part = replies.isEmpty ? min(limit, written + 262_144) : stream.packetEnd(atOrAfter: written)
                    written += try write(stream.bytes.span.extracting(written..<part))
                    isInsidePacket = stream.packetEnd(atOrAfter: written) != written
                    try flush()
                }
                let before = acknowledged
                try take(waitingMs: 0)
                // All acknowledgements of a window may come at once: none comes behind them to wait for.
                guard acknowledged == before else { continue }
                if written == limit || stream.quality == 0 { try wait(toWrite: written < limit) }
            }
        }

        /// Writes `packets` at a steady rate and stamps each when it is sent and when its acknowledgement has come. One that the
        /// socket does not take has been sent all the same: its wait counts. Acknowledgements come in the order of the packets
        /// (MQTT 5.0 §4.6).
        mutating func pace(_ stream: PacketStream, packets: Range<Int>, perSecond: Int) throws -> [PacketTimes] {
            let began = ContinuousClock.now
            var times: [PacketTimes] = []
            times.reserveCapacity(packets.count)
            var next = packets.lowerBound
            var settled = packets.lowerBound
            var written = packets.lowerBound == 0 ? 0 : stream.ends[packets.lowerBound - 1]
            while settled < packets.upperBound {
                if isClosed { throw WrongAnswer("the subscriber went after \(acknowledged) acknowledgements") }
                let elapsed = (ContinuousClock.now - began) / .seconds(1)
                let due = packets.lowerBound + Int(elapsed * Double(perSecond)) + 1
                let limit = min(due, packets.upperBound, acknowledged + receiveMaximum)
                while next < limit {
                    let now = ContinuousClock.now
                    if times.count == next - packets.lowerBound {
                        times.append(PacketTimes(sent: now, acknowledged: now))
                    }
                    let end = stream.ends[next]
                    written += try write(stream.bytes.span.extracting(written..<end))
                    isInsidePacket = written < end
                    try flush()
                    if isInsidePacket { break }
                    next += 1
                }
                try take(waitingMs: 0)
                let now = ContinuousClock.now
                while settled < acknowledged, settled < next {
                    times[settled - packets.lowerBound].acknowledged = now
                    settled += 1
                }
                try wait(toWrite: false, atMostMs: 1)
            }
            return times
        }

        private func wait(toWrite: Bool, atMostMs: Int32 = 1000) throws {
            var entry = pollfd(fd: socket, events: Int16(POLLIN | (toWrite ? POLLOUT : 0)), revents: 0)
            // Sound: one entry, for the time of the call.
            guard unsafe poll(&entry, 1, atMostMs) >= 0 || errno == EINTR else {
                throw WrongAnswer("poll: errno \(errno)")
            }
        }

        /// Bytes that the socket took.
        private func write(_ bytes: Span<UInt8>) throws -> Int {
            // Sound: the bytes live as long as the call.
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 { return count }
            if errno == EAGAIN || errno == EINTR { return 0 }
            throw WrongAnswer("the subscriber went: errno \(errno)")
        }

        /// Reads what has come and answers it.
        mutating func take(waitingMs: Int32) throws {
            if waitingMs > 0 {
                var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
                // Sound: one entry, for the time of the call.
                _ = unsafe poll(&entry, 1, waitingMs)
            }
            // Sound: the buffer lives as long as the call.
            let count = unsafe scratch.withUnsafeMutableBytes { unsafe recv(socket, $0.baseAddress, $0.count, 0) }
            if count == 0 { isClosed = true }
            if count < 0, errno != EAGAIN, errno != EINTR { isClosed = true }
            guard count > 0 else { return }
            inbox += scratch[..<count]
            var at = 0
            while let length = packetLength(at) {
                try answer(at..<at + length)
                at += length
            }
            inbox.removeFirst(at)
        }

        /// The length of the packet that begins at `start`, once all of it is here.
        private func packetLength(_ start: Int) -> Int? {
            var (length, shift, at) = (0, 0, start + 1)
            while at < inbox.count, shift < 28 {
                let byte = inbox[at]
                at += 1
                length |= Int(byte & 0x7F) << shift
                if byte < 0x80 { return at + length <= inbox.count ? at + length - start : nil }
                shift += 7
            }
            return nil
        }

        private mutating func answer(_ packet: Range<Int>) throws {
            switch inbox[packet.lowerBound] >> 4 {
            case 1:
                try accept(connect: Array(inbox[packet]))
            case 4: acknowledged += 1
            case 8:
                let body = packet.lowerBound + (packet.count > 129 ? 3 : 2)
                let identifier = [inbox[body], inbox[body + 1]]
                try reply(level >= 5 ? [0x90, 4] + identifier + [0, 1] : [0x90, 3] + identifier + [1])
                isSubscribed = true
            case 12: try reply([0xD0, 0])
            case 14: isClosed = true
            default: break
            }
        }

        private mutating func accept(connect packet: [UInt8]) throws {
            let start = 1 + packet.dropFirst().prefix { $0 >= 0x80 }.count + 1
            let found = packet.count > start + 6 ? packet[start + 6] : 0
            guard found == level else {
                throw WrongAnswer("the stream is made for MQTT's level \(level), the subscriber's is \(found)")
            }
            if level >= 5 { receiveMaximum = Self.receiveMaximum(of: packet) }
            try reply(level >= 5 ? [0x20, 3, 0, 0, 0] : [0x20, 2, 0, 0])
        }

        private mutating func reply(_ bytes: [UInt8]) throws {
            replies += bytes
            try flush()
        }

        /// Writes the waiting answers, unless the socket stands within a packet.
        private mutating func flush() throws {
            guard !isInsidePacket, !replies.isEmpty else { return }
            guard try write(replies.span) == replies.count else {
                throw WrongAnswer("an answer did not fit the socket")
            }
            replies.removeAll()
        }

        /// Property 0x21 of a CONNECT packet; 65,535 without it. Other properties of fixed length are passed over.
        static func receiveMaximum(of packet: [UInt8]) -> Int {
            var at = 1
            while at < packet.count, packet[at] >= 0x80 { at += 1 }
            at += 1 + 2 + 4 + 1 + 1 + 2  // length's end, "MQTT", level, flags, keepalive
            guard at < packet.count else { return 65_535 }
            let end = min(packet.count, at + 1 + Int(packet[at]))
            at += 1
            while at < end {
                switch packet[at] {
                case 0x21 where at + 2 < end: return Int(packet[at + 1]) << 8 | Int(packet[at + 2])
                case 0x11, 0x27: at += 5
                case 0x22: at += 3
                case 0x17, 0x19: at += 2
                default: return 65_535
                }
            }
            return 65_535
        }
    }
}
