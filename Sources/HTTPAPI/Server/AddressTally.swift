import NIOCore
import Synchronization

/// Counts open connections by where they come from, so that one host that opens many and says nothing can't take all places.
///
/// This machine and our own proxies, which speak for many, may open any number.
final class AddressTally: Sendable {
    private let most: Int
    private let exempt: Set<String>
    private let open = Mutex<[CallerAddress: Int]>([:])

    /// - Parameter proxies: addresses of our own.
    init(most: Int, proxies: Set<String>) {
        self.most = most
        exempt = proxies.union(["127.0.0.1", "::1", "::ffff:127.0.0.1"])
    }

    /// Counts a connection until it closes.
    ///
    /// - Returns: false for one too many, which is counted, too.
    func enter(_ channel: any Channel) -> Bool {
        guard let text = channel.remoteAddress?.ipAddress, !exempt.contains(text) else { return true }
        let address = CallerAddress(text)
        let number = open.withLock { open in
            open[address, default: 0] += 1
            return open[address, default: 0]
        }
        channel.closeFuture.whenComplete { [self] _ in leave(address) }
        return number <= most
    }

    private func leave(_ address: CallerAddress) {
        open.withLock { open in
            let rest = (open[address] ?? 0) - 1
            open[address] = rest > 0 ? rest : nil
        }
    }
}
