import HTTPTypes
import Hummingbird

extension Call {
    /// The network address that asks, for lock-outs and rates.
    ///
    /// - Parameter proxies: addresses of our own. From one of these it is the last entry of `X-Forwarded-For`, the one that the
    ///   proxy wrote itself: anyone could have written the others.
    func clientAddress(behind proxies: Set<String>) -> String {
        let peer = context.channel.remoteAddress?.ipAddress ?? "unknown"
        if proxies.contains(peer), let list = request.headers[HTTPField.Name("X-Forwarded-For")!],
            let last = list.split(separator: ",").last
        {
            return String(last.filter { $0 != " " }.prefix(64))
        }
        return peer
    }
}
