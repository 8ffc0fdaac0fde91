internal import Foundation

/// The proxy's thread.
final class ProxyLoop {
    private var listener: Socket?
    private let port: Int
    private let shared: ProxyState
    private var links: [ProxyLink] = []
    private var isRefusing = false

    init(listener: consuming Socket, shared: ProxyState) {
        port = listener.port
        self.listener = consume listener
        self.shared = shared
    }

    /// Starts the thread, which takes the loop over.
    func start() {
        nonisolated(unsafe) let loop = self  // the caller lets go of it: the thread is its one owner
        Thread.detachNewThread {
            unsafe loop.run()
        }
    }

    private func run() {
        // Who acts at the instant of an acknowledgement must not wait for a processor. Only root may; without it the instant is
        // a little later. On Linux 0 means the calling thread.
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, -20)
        while true {
            wait()
            // Before any bytes are taken: what was asked for before they were sent holds for them.
            guard obey() else { return }
            acceptAll()
            let nowNs = Self.nowNs()
            for link in links { link.pump(nowNs: nowNs) }
            links.removeAll(where: \.isOver)
            let open = links.count { $0.hasClient }
            shared.update { $0.openConnections = open }
        }
    }

    /// Does what was asked for. False at the end.
    private func obey() -> Bool {
        shared.bell.silence()
        let (commands, toBroker, toClient, isStopping) = shared.update { fields in
            defer { fields.commands.removeAll() }
            return (fields.commands, fields.toBroker, fields.toClient, fields.isStopping)
        }
        for command in commands {
            switch command {
            case .setFlows: for link in links { link.setFlows(toBroker: toBroker, toClient: toClient) }
            case .silence: for link in links { link.silence() }
            case .cut(let how):
                for link in links { link.cut(how) }
                links.removeAll()
            case .refuse(let isRefusing): refuse(isRefusing)
            }
        }
        return !isStopping
    }

    /// A port that is held by a socket that does not listen refuses connections, and nobody else can take it.
    private func refuse(_ isRefusing: Bool) {
        guard isRefusing != self.isRefusing else { return }
        self.isRefusing = isRefusing
        if isRefusing {
            listener = nil
            listener = held()
        } else {
            do { try listener?.listen() } catch { fatalError("the proxy can't take connections again: \(error)") }
        }
    }

    /// The proxy's port, without a listener. A child that another thread has just forked holds the old socket until its
    /// exec, and while that one listens the port is in use; so it tries again.
    private func held() -> Socket {
        let began = Self.nowNs()
        while true {
            do {
                return try Socket.bound(port: port)
            } catch {
                guard Self.nowNs() - began < 5_000_000_000 else { fatalError("the proxy lost its port: \(error)") }
                sched_yield()
            }
        }
    }

    private func acceptAll() {
        guard !isRefusing else { return }
        while let client = listener?.accept() {
            shared.update { $0.connections += 1 }
            // Without a broker the client's connection ends as soon as it began.
            guard let broker = Socket.connected(port: shared.brokerPort) else { continue }
            let link = ProxyLink(client: client, broker: broker, shared: shared)
            let (toBroker, toClient) = shared.update { ($0.toBroker, $0.toClient) }
            link.setFlows(toBroker: toBroker, toClient: toClient)
            links.append(link)
        }
    }

    private func wait() {
        let nowNs = Self.nowNs()
        var entries = [pollfd(fd: shared.bell.descriptor, events: Int16(POLLIN), revents: 0)]
        if let descriptor = listener?.descriptor, !isRefusing {
            entries.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
        }
        for link in links { entries += link.entries(nowNs: nowNs) }
        var timeoutMs: Int64 = 1000
        for due in links.compactMap(\.dueNs) where due > nowNs {
            timeoutMs = min(timeoutMs, (due - nowNs) / 1_000_000 + 1)
        }
        unsafe poll(&entries, nfds_t(entries.count), Int32(timeoutMs))
    }

    private static func nowNs() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
