import NIOCore
import NIOPosix
import Testing

/// Talks to the server in raw bytes over a real socket, so that a test says exactly what is sent.
enum HTTPClient {
    struct Answer {
        var status: Int
        /// Lower-case names.
        var headers: [String: String]
        var body: String
    }

    /// `GET` with `Connection: close`, or whatever `method` says.
    static func ask(
        _ path: String, port: Int, method: String = "GET", host: String = "test.example", headers: [String] = []
    ) async throws -> Answer {
        let lines = ["\(method) \(path) HTTP/1.1", "Host: \(host):\(port)", "Connection: close"] + headers
        let text = try await exchange(lines.joined(separator: "\r\n") + "\r\n\r\n", port: port)
        return try parse(text)
    }

    /// `POST` of a body in one piece.
    static func post(_ path: String, port: Int, headers: [String] = [], body: String) async throws -> Answer {
        let lines =
            [
                "POST \(path) HTTP/1.1", "Host: test.example:\(port)", "Connection: close",
                "Content-Length: \(body.utf8.count)",
            ] + headers
        return try parse(try await exchange(lines.joined(separator: "\r\n") + "\r\n\r\n" + body, port: port))
    }

    /// The same for a body that need not be text.
    static func post(_ path: String, port: Int, headers: [String] = [], bytes: [UInt8]) async throws -> Answer {
        let lines =
            [
                "POST \(path) HTTP/1.1", "Host: test.example:\(port)", "Connection: close",
                "Content-Length: \(bytes.count)",
            ] + headers
        let message = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + bytes
        return try parse(
            try await openRaw(port: port) { chunks, send in
                try await send(message)
                var all = ""
                for try await chunk in chunks { all += String(buffer: chunk) }
                return all
            })
    }

    /// Sends `text` and reads until the server closes.
    static func exchange(_ text: String, port: Int) async throws -> String {
        try await open(port: port) { lines, send in
            try await send(text)
            var all = ""
            for try await chunk in lines { all += String(buffer: chunk) }
            return all
        }
    }

    /// A connection for as long as `body` runs.
    ///
    /// - Parameter address: of this machine, to come from.
    static func open<Result: Sendable>(
        port: Int, from address: String? = nil,
        _ body:
            @Sendable (
                NIOAsyncChannelInboundStream<ByteBuffer>, @Sendable (String) async throws -> Void
            ) async throws -> Result
    ) async throws -> Result {
        try await connect(port, from: address).executeThenClose { inbound, outbound in
            try await body(inbound) { try await outbound.write(ByteBuffer(string: $0)) }
        }
    }

    /// The same for bytes that need not be text.
    static func openRaw<Result: Sendable>(
        port: Int,
        _ body:
            @Sendable (
                NIOAsyncChannelInboundStream<ByteBuffer>, @Sendable ([UInt8]) async throws -> Void
            ) async throws -> Result
    ) async throws -> Result {
        try await connect(port).executeThenClose { inbound, outbound in
            try await body(inbound) { try await outbound.write(ByteBuffer(bytes: $0)) }
        }
    }

    private static func connect(
        _ port: Int, from address: String? = nil
    ) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        if let address { bootstrap = bootstrap.bind(to: try SocketAddress(ipAddress: address, port: 0)) }
        return
            try await bootstrap
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
    }

    static func parse(_ text: String) throws -> Answer {
        let end = try #require(text.firstRange(of: "\r\n\r\n"), "no complete head in '\(text)'")
        var lines = text[..<end.lowerBound].split(separator: "\r\n")
        let status = try #require(Int(lines.removeFirst().split(separator: " ")[1]))
        var headers: [String: String] = [:]
        for line in lines {
            let halves = line.split(separator: ":", maxSplits: 1)
            headers[halves[0].lowercased()] = String(halves[1].drop { $0 == " " })
        }
        return Answer(status: status, headers: headers, body: String(text[end.upperBound...]))
    }
}
