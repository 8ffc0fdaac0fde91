import Metrics
import NIOCore
import NIOHTTP1
import Open311

/// Stands between parser and Hummingbird and sees to what a connection is owed:
///
/// - a request of HTTP/1.1 that names no host, or several, is refused (RFC 9112, 3.2);
/// - what the parser refuses is answered in words, in the format of its path (Hummingbird says 400 and nothing);
/// - a client that waits to be told that its body is wanted (`Expect: 100-continue`) is told so, when it is;
/// - a connection that comes to no request is closed after a while, and one too many of its address at once;
/// - an answer to HTTP/1.0, or to a `Connection` that names `close` among others, is the last one (RFC 9112, 9.3);
/// - after a last answer what still comes is read and thrown away for a moment, so that the client gets to read it.
final class ConnectionManners: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// A request whose answer has not ended.
    private struct Exchange {
        /// In HTTP/1.0 or before, which knows no chunks.
        var isOld: Bool
        var isLast: Bool
        /// Whether the client waits for a word before it sends its body.
        var isWaiting: Bool
    }

    /// Goes out through a channel when the body of the request that is being answered will be read. Who refuses it says
    /// nothing: the answer comes in place of this word, and the body need not be sent.
    struct BodyIsWanted: Sendable {}

    /// How long a client that still sends has to take a last answer.
    private static let farewell = TimeAmount.seconds(2)

    private let tap: RequestLineTap
    private let isSurplus: Bool
    private let patience: TimeAmount
    private let metrics: ConnectionMetrics
    /// In the order in which they came, which is that of their answers.
    private var exchanges: [Exchange] = []
    /// Whether a request has begun and not ended.
    private var isReading = false
    /// What the parser's refusal, or a deadline, will be answered with.
    private var refusal: GeoReportError?
    /// Whether the last word has been said.
    private var isOver = false
    private var deadline: Scheduled<Void>?

    init(_ tap: RequestLineTap, isSurplus: Bool, patience: TimeAmount, metrics: ConnectionMetrics) {
        (self.tap, self.isSurplus, self.patience, self.metrics) = (tap, isSurplus, patience, metrics)
    }

    // MARK: - Deadline

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    private func begin(_ context: ChannelHandlerContext) {
        guard deadline == nil, !isOver else { return }
        guard !isSurplus else { return turnAway(context) }
        // The handler lives on this loop, and so does its context.
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: patience) { [self] in isLate(context) }
    }

    /// At once and without reading: whoever opens so many is not waited for.
    private func turnAway(_ context: ChannelHandlerContext) {
        metrics.crowded.increment()
        let error = GeoReportError(code: 429, "Too many connections from your address.", retryAfterS: 10)
        say(error, context)
        isOver = true
        let channel = context.channel
        finish(context).whenComplete { _ in channel.close(promise: nil) }
    }

    private func isLate(_ context: ChannelHandlerContext) {
        guard !isOver, refusal == nil else { return }
        metrics.silent.increment()
        guard tap.hasBegun else { return context.close(promise: nil) }
        refuse(GeoReportError(code: 408, "The request took too long to arrive."), context)
    }

    // MARK: - Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver, refusal == nil else { return }
        switch unwrapInboundIn(data) {
        case .head(var head):
            deadline?.cancel()
            let hosts = head.headers["host"].count
            if head.version == .http1_1, hosts != 1 {
                metrics.malformed.increment()
                let sentence = "A request of HTTP/1.1 must name one Host, found \(hosts == 0 ? "none" : "\(hosts)")."
                return refuse(GeoReportError(code: 400, sentence), context)
            }
            isReading = true
            tap.expectBody(length: head.headers.first(name: "content-length").flatMap { Int($0) })
            let isOld = head.version != .http1_1
            let isLast = isOld || !head.isKeepAlive
            // As Hummingbird looks for it.
            if isLast { head.headers.replaceOrAdd(name: "connection", value: "close") }
            // Before 1.1 there is no such word (RFC 9110, 10.1.1).
            let isWaiting = !isOld && head.headers["expect"].contains { $0.lowercased() == "100-continue" }
            exchanges.append(Exchange(isOld: isOld, isLast: isLast, isWaiting: isWaiting))
            context.fireChannelRead(wrapInboundOut(.head(head)))
        case .body:
            // It did not wait. What is read now is of the last request.
            if !exchanges.isEmpty { exchanges[exchanges.count - 1].isWaiting = false }
            context.fireChannelRead(data)
        case .end:
            isReading = false
            tap.forget()
            context.fireChannelRead(data)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is ByteToMessageDecoderError { return }
        guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
        guard !isOver, refusal == nil else { return }
        metrics.malformed.increment()
        refuse(GeoReportError(error, hasLine: tap.hasLine), context)
    }

    /// Hummingbird is told that the parser has failed, and answers when all requests before have been answered: with a bare
    /// 400, in the place of which ours goes out. If it is in the middle of a request, that one's answer is the last.
    private func refuse(_ error: GeoReportError, _ context: ChannelHandlerContext) {
        deadline?.cancel()
        refusal = error
        context.fireErrorCaught(HTTPParserError.unknown)
    }

    // MARK: - Answers

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isOver else {
            promise?.succeed()
            return
        }
        guard !exchanges.isEmpty else {
            if let refusal {
                say(refusal, context)
                sayFarewell(context, finish(context))
            }
            promise?.succeed()
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.code >= 200:
            if exchanges[0].isOld { head.version = .http1_0 }
            exchanges[0].isLast = exchanges[0].isLast || head.headers["connection"].contains("close")
            if isReading, refusal != nil { exchanges[0].isLast = true }
            if exchanges[0].isLast { head.headers.replaceOrAdd(name: "connection", value: "close") }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end(let trailers):
            let isLast = exchanges.removeFirst().isLast
            guard isLast else { return context.write(data, promise: promise) }
            let ended = promise ?? context.eventLoop.makePromise(of: Void.self)
            context.writeAndFlush(wrapOutboundOut(.end(trailers)), promise: ended)
            sayFarewell(context, ended.futureResult)
        default:
            context.write(data, promise: promise)
        }
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is BodyIsWanted else { return context.triggerUserOutboundEvent(event, promise: promise) }
        promise?.succeed()
        guard !isOver, refusal == nil, exchanges.first?.isWaiting == true else { return }
        exchanges[0].isWaiting = false
        let word = HTTPResponseHead(version: .http1_1, status: .continue)
        context.writeAndFlush(wrapOutboundOut(.head(word)), promise: nil)
    }

    private func say(_ error: GeoReportError, _ context: ChannelHandlerContext) {
        let format = GeoReportFormat.ofErrors(at: tap.path)
        let body = Array(
            format.map { GeoReportDocument.errors([error]).encoded(as: $0) } ?? Array((error.description + "\n").utf8))
        var headers = HTTPHeaders([
            ("Content-Type", format?.contentType ?? "text/plain; charset=utf-8"), ("Content-Length", "\(body.count)"),
            ("Connection", "close"), ("Access-Control-Allow-Origin", "*"), ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
        ])
        if let seconds = error.retryAfterS { headers.add(name: "Retry-After", value: "\(seconds)") }
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: error.code), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if tap.method != "HEAD" {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        }
    }

    private func finish(_ context: ChannelHandlerContext) -> EventLoopFuture<Void> {
        let promise = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
        return promise.futureResult
    }

    /// Closes once the answer is out: at once when all was read; else our side first, and all of it when the client has seen
    /// that, or has had its time. Closed over unread bytes, the connection would be reset, and the answer lost with it.
    private func sayFarewell(_ context: ChannelHandlerContext, _ written: EventLoopFuture<Void>) {
        isOver = true
        let channel = context.channel
        guard isReading || refusal != nil else {
            return written.whenComplete { _ in channel.close(promise: nil) }
        }
        tap.drain()
        // From here: at the other end of the pipeline nobody reads any more.
        context.read()
        written.whenComplete { _ in channel.close(mode: .output, promise: nil) }
        channel.eventLoop.scheduleTask(in: Self.farewell) { channel.close(promise: nil) }
    }
}

extension GeoReportError {
    /// What the parser refuses.
    ///
    /// - Parameter hasLine: whether it had got beyond the request line.
    fileprivate init(_ error: HTTPParserError, hasLine: Bool) {
        self =
            switch error {
            case .headerOverflow where hasLine:
                GeoReportError(code: 431, "The request's headers are too long, or too many.")
            case .headerOverflow: GeoReportError(code: 414, "The request's address is too long.")
            case .invalidMethod: GeoReportError(code: 400, "The request's method is unknown.")
            case .invalidURL:
                GeoReportError(code: 400, "The request's address holds what no address may; percent-encode it.")
            case .invalidVersion: GeoReportError(code: 400, "The request is in no version of HTTP that is spoken here.")
            case .invalidContentLength, .unexpectedContentLength:
                GeoReportError(code: 400, "The request's Content-Length is none, or there is more than one.")
            case .invalidChunkSize: GeoReportError(code: 400, "A chunk of the request's body has no sound length.")
            case .invalidEOFState, .closedConnection:
                GeoReportError(code: 400, "The request ended before its end.")
            case .invalidHeaderToken: GeoReportError(code: 400, "A header of the request holds what no header may.")
            default: GeoReportError(code: 400, "This is no HTTP request.")
            }
    }
}
