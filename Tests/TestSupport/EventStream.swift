internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// A connection to a server's live stream, and all that has come over it.
public final class EventStream: Sendable {
    private let received: Received
    private let channel: any Channel

    private final class Received: Sendable {
        let bytes = Mutex<[UInt8]>([])
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let received: Received

        init(_ received: Received) { self.received = received }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = unwrapInboundIn(data)
            received.bytes.withLock { $0.append(contentsOf: buffer.readableBytesView) }
        }
    }

    /// Listening when it returns: the answer has begun.
    public init(port: Int, path: String = "/api/events", headers: [String] = []) async throws {
        let received = Received()
        self.received = received
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(received))
                }
            }.connect(host: "127.0.0.1", port: port).get()
        let lines = ["GET \(path) HTTP/1.1", "Host: 127.0.0.1"] + headers
        try await channel.writeAndFlush(ByteBuffer(string: lines.joined(separator: "\r\n") + "\r\n\r\n"))
        try await eventually("the live stream begins") { received.bytes.withLock { !$0.isEmpty } }
    }

    deinit { channel.close(promise: nil) }

    public var text: String { received.bytes.withLock { String(decoding: $0, as: UTF8.self) } }
}
