import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// A connection: Hummingbird's pipeline, and around its parser what a server owes to clients that get it wrong.
///
/// ```
/// bytes ──▶ RequestLineTap ──▶ parser ──▶ ConnectionManners ──▶ Hummingbird
///             what came first    └ refusal ─┘ answers in words; deadline; HTTP/1.0; farewell
/// ```
struct SiteChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    let base: HTTP1Channel
    let tally: AddressTally
    /// How long a connection may take to its first request's head.
    let patience: TimeAmount
    let metrics: ConnectionMetrics

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let isSurplus = !tally.enter(channel)
        return base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let parser = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let tap = RequestLineTap()
            try pipeline.addHandler(tap, position: .before(parser))
            let manners = ConnectionManners(tap, isSurplus: isSurplus, patience: patience, metrics: metrics)
            try pipeline.addHandler(manners, position: .after(parser))
            return value
        }
    }

    func handle(value: Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}
