internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// A real HTTP server on this machine that answers, or misbehaves, as a test says.
public final class ScriptedServer: Sendable {
    /// What a client sent.
    public struct Call: Sendable {
        public var method: String
        /// Path and query.
        public var uri: String
        /// By lower-case name.
        public var headers: [String: String]
        public var body: [UInt8]

        public var path: String { String(uri.prefix { $0 != "?" }) }
        public var text: String { String(decoding: body, as: UTF8.self) }
        /// The body as a form.
        public var form: [String: String] { Self.fields(text[...]) }
        public var query: [String: String] { Self.fields(uri.drop { $0 != "?" }.dropFirst()) }

        private static func fields(_ text: Substring) -> [String: String] {
            var fields: [String: String] = [:]
            for pair in text.split(separator: "&") {
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                fields[decoded(parts[0])] = parts.count > 1 ? decoded(parts[1]) : ""
            }
            return fields
        }

        private static func decoded(_ text: Substring) -> String {
            var bytes: [UInt8] = []
            var rest = Array(text.utf8)[...]
            while let byte = rest.popFirst() {
                if byte == UInt8(ascii: "%"), rest.count >= 2,
                    let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
                {
                    bytes.append(value)
                    rest = rest.dropFirst(2)
                } else {
                    bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
                }
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    public enum Action: Sendable {
        case answer(Int, String = "{}", headers: [String: String] = [:])
        /// Never answers.
        case hang
        /// Closes without an answer.
        case drop
        /// Says that all is well, and closes in the middle of the body.
        case half
        /// Says that all is well, and never stops talking.
        case flood
    }

    /// Called with each call and how many came before it, one at a time.
    public typealias Script = @Sendable (Call, Int) -> Action

    private struct State {
        var calls: [Call] = []
        var channel: (any Channel)?
        var children: [any Channel] = []
    }
    private let state = Mutex(State())
    private let script: Script
    /// The same for every start.
    public let port: Int

    public init(_ script: @escaping Script) async throws {
        self.script = script
        let probe = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup).bind(
            host: "127.0.0.1", port: 0
        )
        .get()
        port = probe.localAddress?.port ?? 0
        try await probe.close()
        try await start()
    }

    public var url: String { "http://127.0.0.1:\(port)" }
    public var calls: [Call] { state.withLock { $0.calls } }

    public func start() async throws {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [self] child in
                state.withLock { $0.children.append(child) }
                return child.eventLoop.makeCompletedFuture {
                    try child.pipeline.syncOperations.configureHTTPServerPipeline()
                    try child.pipeline.syncOperations.addHandler(Handler(self))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        state.withLock { $0.channel = channel }
    }

    /// Refuses connections from now on, and breaks those that are open.
    public func stop() async {
        let (channel, children) = state.withLock { state in
            defer { (state.channel, state.children) = (nil, []) }
            return (state.channel, state.children)
        }
        try? await channel?.close()
        for child in children { try? await child.close() }
    }

    fileprivate func take(_ call: Call) -> Action {
        state.withLock { state in
            state.calls.append(call)
            return script(call, state.calls.count - 1)
        }
    }
}

/// Reads a call whole, and does what the script says.
private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let server: ScriptedServer
    private var call = ScriptedServer.Call(method: "", uri: "", headers: [:], body: [])

    init(_ server: ScriptedServer) { self.server = server }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            call = ScriptedServer.Call(method: head.method.rawValue, uri: head.uri, headers: [:], body: [])
            for (name, value) in head.headers { call.headers[name.lowercased()] = value }
        case .body(let part): call.body.append(contentsOf: part.readableBytesView)
        case .end: act(server.take(call), context)
        }
    }

    private func act(_ action: ScriptedServer.Action, _ context: ChannelHandlerContext) {
        func head(_ status: Int, _ headers: [(String, String)]) {
            let head = HTTPResponseHead(
                version: .http1_1, status: .init(statusCode: status), headers: HTTPHeaders(headers))
            context.write(wrapOutboundOut(.head(head)), promise: nil)
        }
        func body(_ text: String) {
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
        }
        switch action {
        case .answer(let status, let text, let headers):
            head(status, headers.map { ($0, $1) } + [("Content-Length", "\(text.utf8.count)")])
            body(text)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        case .hang: break
        case .drop: context.close(promise: nil)
        case .half:
            head(200, [("Content-Length", "1000")])
            body("{")
            context.close(promise: nil)
        case .flood:
            head(200, [("Transfer-Encoding", "chunked")])
            for _ in 0..<64 { body(String(repeating: "x", count: 1 << 16)) }
        }
    }
}
