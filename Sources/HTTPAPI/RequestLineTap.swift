import NIOCore

/// Stands before the parser and remembers how a request began: what the parser refuses has no path that an answer could go by.
///
/// Once the server has said its last word here, it swallows what still comes: a client that sends before it reads would else
/// never come to the answer.
final class RequestLineTap: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Room for a path; what is longer is none of ours.
    private static let mostKept = 512

    private var kept: [UInt8] = []
    /// Whether the request's first line has come to its end.
    private(set) var hasLine = false
    private var isDraining = false

    /// Whether anything has come of a request.
    var hasBegun: Bool { !kept.isEmpty }

    /// The method that the request line names, as it was sent.
    var method: String { words.first.map { String(decoding: $0, as: UTF8.self) } ?? "" }

    /// The path that the request line names, as far as it is kept; empty if there is none.
    var path: String {
        guard words.count > 1 else { return "" }
        return String(decoding: words[1].prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self)
    }

    private var words: [ArraySlice<UInt8>] {
        kept.prefix { $0 != 0x0D && $0 != 0x0A }.split(separator: UInt8(ascii: " "), maxSplits: 2)
    }

    /// A request has come to its end: what follows begins another.
    func forget() {
        kept.removeAll(keepingCapacity: true)
        hasLine = false
    }

    /// From here on nothing is passed on, and each read asks for the next.
    func drain() { isDraining = true }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDraining else { return }
        note(unwrapInboundIn(data).readableBytesView)
        context.fireChannelRead(data)
    }

    private func note(_ bytes: ByteBufferView) {
        guard !hasLine else { return }
        // The parser takes empty lines before a request.
        let news = kept.isEmpty ? bytes.drop { $0 == 0x0D || $0 == 0x0A } : bytes
        kept += news.prefix(Self.mostKept - kept.count)
        hasLine = news.contains(0x0A)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // Nobody behind us asks for more.
        if isDraining { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if isDraining, let event = event as? ChannelEvent, event == .inputClosed {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}
