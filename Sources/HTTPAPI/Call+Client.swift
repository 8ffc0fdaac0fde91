import HTTPTypes
import Hummingbird

extension Call {
    /// The network address that asks, for lock-outs and rates.
    ///
    /// - Parameter isBehindProxy: then it is the last entry of `X-Forwarded-For`, the one that our own proxy wrote.
    ///   Anyone else could write the others.
    func clientAddress(isBehindProxy: Bool) -> String {
        if isBehindProxy, let list = request.headers[HTTPField.Name("X-Forwarded-For")!],
            let last = list.split(separator: ",").last
        {
            return String(last.filter { $0 != " " }.prefix(64))
        }
        return context.channel.remoteAddress?.ipAddress ?? "unknown"
    }
}
