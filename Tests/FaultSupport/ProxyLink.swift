internal import Glibc

/// One client's connection and the one to the broker that belongs to it. Used by the proxy's thread alone.
final class ProxyLink {
    private let client: Socket
    private let broker: Socket
    private let shared: ProxyState
    private var toBroker = ProxyStream()
    private var toClient = ProxyStream()
    private(set) var isOver = false
    /// Neither side hears anything of the other any more.
    private var isSilent = false
    /// The client takes nothing any more: it died with its connection open.
    private var isClientGone = false

    init(client: consuming Socket, broker: consuming Socket, shared: ProxyState) {
        self.client = client
        self.broker = broker
        self.shared = shared
    }

    /// Whether the client may still be there.
    var hasClient: Bool { !toBroker.hasEnded }

    func setFlows(toBroker: Flow, toClient: Flow) {
        guard !isSilent, !isClientGone else { return }
        (self.toBroker.flow, self.toClient.flow) = (toBroker, toClient)
    }

    func silence() {
        isSilent = true
        (toBroker.flow, toClient.flow) = (.swallow, .swallow)
    }

    func cut(_ how: Cut) {
        if how == .reset {
            client.resetOnClose()
            broker.resetOnClose()
        }
        isOver = true
    }

    // MARK: - For poll

    /// What to wait for: the client's entry, then the broker's. A side that has ended is not looked at, or it would always be ready.
    func entries(nowNs: Int64) -> [pollfd] {
        [
            entry(client.descriptor, reads: toBroker, writes: toClient, nowNs),
            entry(broker.descriptor, reads: toClient, writes: toBroker, nowNs),
        ]
    }

    private func entry(_ descriptor: Int32, reads: ProxyStream, writes: ProxyStream, _ nowNs: Int64) -> pollfd {
        var events: Int32 = 0
        if reads.wantsBytes { events |= POLLIN }
        if let due = writes.dueNs, due <= nowNs { events |= POLLOUT }
        return pollfd(fd: events == 0 ? -1 : descriptor, events: Int16(events), revents: 0)
    }

    /// When bytes that are held back become due.
    var dueNs: Int64? { [toBroker.dueNs, toClient.dueNs].compactMap(\.self).min() }

    // MARK: - Traffic

    func pump(nowNs: Int64) {
        if toBroker.wantsBytes {
            switch client.receive(atMost: 65_536) {
            case .bytes(let bytes): takeFromClient(bytes, nowNs)
            case .nothing: break
            case .end: toBroker.hasEnded = true
            }
        }
        if toClient.wantsBytes {
            switch broker.receive(atMost: 65_536) {
            case .bytes(let bytes): takeFromBroker(bytes, nowNs)
            case .nothing: break
            case .end: toClient.hasEnded = true
            }
        }
        guard !isOver else { return }
        if !toBroker.send(to: broker, nowNs: nowNs) { isOver = true }
        if !toClient.send(to: client, nowNs: nowNs) { loseClient() }
        tellEnds()
    }

    /// What it had sent still reaches the broker, and then its end. To close at once, with the broker's bytes unread, would be a
    /// reset, and that takes away what the broker has not read yet.
    private func loseClient() {
        isClientGone = true
        toClient.flow = .swallow
    }

    private func takeFromBroker(_ received: [UInt8], _ nowNs: Int64) {
        var bytes = received
        var count = 0
        for (index, byte) in received.enumerated() {
            switch toClient.scanner.take(byte) {
            case .publish: count += 1
            // A SUBACK ends with the reason code of the last filter (MQTT 5.0 §3.9.3).
            case .suback: if shared.update({ $0.refusesSubscriptions }) { bytes[index] = 0x87 }
            default: break
            }
        }
        if count > 0 {
            shared.update { fields in
                fields.deliveries += count
                fields.unanswered += count
            }
        }
        toClient.append(bytes[...], nowNs: nowNs)
    }

    private func takeFromClient(_ bytes: [UInt8], _ nowNs: Int64) {
        var passed = 0
        var begin = 0
        for (index, byte) in bytes.enumerated() {
            guard let kind = toBroker.scanner.take(byte) else { continue }
            if kind == .puback, let trigger = shared.countAcknowledgement() {
                // What came before it goes first, so that the broker knows as much as it would.
                toBroker.append(bytes[passed..<begin], nowNs: nowNs)
                passed = begin
                _ = toBroker.send(to: broker, nowNs: nowNs)
                trigger.action()
                if trigger.fate == .lost { return cut(.reset) }
            }
            begin = index + 1
        }
        toBroker.append(bytes[passed...], nowNs: nowNs)
    }

    /// An end travels behind the bytes before it; through a dead connection it does not travel at all.
    private func tellEnds() {
        if toBroker.hasEnded, toBroker.isEmpty, !toBroker.hasToldEnd, toBroker.flow != .swallow {
            broker.finish()
            toBroker.hasToldEnd = true
        }
        if toClient.hasEnded, toClient.isEmpty, !toClient.hasToldEnd, toClient.flow != .swallow {
            client.finish()
            toClient.hasToldEnd = true
        }
        let isTold = toBroker.hasToldEnd && toClient.hasToldEnd
        if isTold || (toBroker.hasEnded && toClient.hasEnded) && (isSilent || isClientGone) { isOver = true }
    }
}
