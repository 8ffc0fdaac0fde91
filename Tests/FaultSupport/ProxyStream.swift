/// One direction of one connection: what has been taken and not yet passed on.
struct ProxyStream {
    var flow = Flow.pass
    /// Nothing more comes from the sender.
    var hasEnded = false
    /// The receiver has been told so.
    var hasToldEnd = false
    var scanner = PacketScanner()

    private var chunks: [(dueNs: Int64, bytes: ArraySlice<UInt8>)] = []
    private var waiting = 0
    /// When the next dribble may leave.
    private var nextNs: Int64 = 0

    /// Bytes that are held at most: a router's memory.
    private static let capacity = 256 << 10

    var isEmpty: Bool { chunks.isEmpty }
    var wantsBytes: Bool { !hasEnded && flow != .stop && waiting < Self.capacity }

    mutating func append(_ bytes: ArraySlice<UInt8>, nowNs: Int64) {
        guard !bytes.isEmpty, flow != .swallow else { return }
        let delayNs: Int64 = if case .delay(let span) = flow { span.wholeNanoseconds } else { 0 }
        chunks.append((nowNs + delayNs, bytes))
        waiting += bytes.count
    }

    /// When something may leave; nil when there is nothing.
    var dueNs: Int64? {
        guard let first = chunks.first else { return nil }
        if case .dribble = flow { return max(first.dueNs, nextNs) }
        return first.dueNs
    }

    /// Passes on what is due. False when the receiver is gone.
    mutating func send(to socket: borrowing Socket, nowNs: Int64) -> Bool {
        if flow == .swallow {
            chunks.removeAll()
            waiting = 0
        }
        while let due = dueNs, due <= nowNs, let first = chunks.first {
            var bytes = first.bytes
            if case .dribble(let count, let pause) = flow {
                bytes = bytes.prefix(count)
                nextNs = nowNs + pause.wholeNanoseconds
            }
            guard let sent = socket.send(bytes) else { return false }
            waiting -= sent
            chunks[0].bytes = first.bytes.dropFirst(sent)
            if chunks[0].bytes.isEmpty { chunks.removeFirst() }
            if sent < bytes.count { return true }  // full: poll tells when it has room again
        }
        return true
    }
}

extension Duration {
    /// Up to 292 years.
    public var wholeNanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
