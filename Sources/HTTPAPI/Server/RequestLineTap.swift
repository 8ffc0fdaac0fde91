import NIOCore

/// Stands before the parser and remembers how a request began: what the parser refuses has no path that an answer could go by.
///
/// Requests may come several at once. So bytes are passed on in pieces that end where a request may end, at an empty line or
/// with the length that its head has told; when the parser has seen the end, ``forget()`` comes before the next piece does.
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
    /// Bytes that the line which is being passed on has so far, carriage returns aside.
    private var lineLength = 0
    /// Bytes of a body that are still to come, where its head has told how many.
    private var bodyLeft = 0

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
        (lineLength, bodyLeft) = (0, 0)
    }

    /// The parser has come to the end of a head.
    ///
    /// - Parameter length: of the body, as far as the head tells; nil for one in chunks, which ends in an empty line.
    func expectBody(length: Int?) { bodyLeft = max(0, length ?? 0) }

    /// From here on nothing is passed on, and each read asks for the next.
    func drain() { isDraining = true }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        while !isDraining, let piece = bytes.readSlice(length: pieceLength(bytes.readableBytesView)),
            piece.readableBytes > 0
        {
            note(piece.readableBytesView)
            context.fireChannelRead(wrapInboundOut(piece))
        }
    }

    /// How many of these bytes go on together.
    private func pieceLength(_ bytes: ByteBufferView) -> Int {
        if bodyLeft > 0 {
            let length = min(bodyLeft, bytes.count)
            bodyLeft -= length
            return length
        }
        for (offset, byte) in bytes.enumerated() where byte != 0x0D {
            if byte != 0x0A {
                lineLength += 1
            } else if lineLength > 0 {
                lineLength = 0
            } else {
                return offset + 1
            }
        }
        return bytes.count
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
