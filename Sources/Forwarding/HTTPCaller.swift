internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// HTTP calls to one destination, over connections of its own, so that a slow one takes none from others.
///
/// Redirects are not followed: an answer of 3xx would send what is signed for one place to another. What is read of an
/// answer is bounded in size, the whole call in time.
struct HTTPCaller: Sendable {
    /// An answer's head and the start of its body.
    struct Answer: Sendable {
        var status: Int
        var body: [UInt8]
        /// Whether the body ended well within ``HTTPCaller/mostBytes``.
        var isWhole: Bool
        /// What `Retry-After` asks for, in milliseconds.
        var retryAfterMs: Int64?
    }

    /// Why there is no answer.
    struct Failure: Error {
        var reason: String
        /// Whether the destination may have got the call.
        var mayHaveArrived: Bool
    }

    /// Bytes of an answer that are read.
    static let mostBytes = 1 << 20

    private let client: HTTPClient
    private let limit: TimeAmount

    /// - Parameters:
    ///   - limit: for one call, from the connection to the end of the answer.
    ///   - authorityFile: certificates that may have signed the server's, PEM; nil for the system's.
    ///   - connections: at once.
    init(limit: Duration, authorityFile: String? = nil, connections: Int) {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(5)
        configuration.decompression = .disabled
        configuration.httpVersion = .http1Only
        configuration.connectionPool.idleTimeout = .seconds(15)
        // A destination that is down is told of and waited for here, with our own pauses.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = max(1, connections)
        if let authorityFile {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(authorityFile)
            configuration.tlsConfiguration = tls
        }
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        self.limit = TimeAmount(limit)
    }

    func close() async { try? await client.shutdown() }

    func get(_ url: String) async throws(Failure) -> Answer {
        try await call(HTTPClientRequest(url: url))
    }

    func post(
        _ url: String, _ body: [UInt8], type: String, headers: [(String, String)]
    ) async throws(Failure) -> Answer {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: type)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        request.body = .bytes(body)
        return try await call(request)
    }

    private func call(_ request: HTTPClientRequest) async throws(Failure) -> Answer {
        var request = request
        request.headers.add(name: "User-Agent", value: "sluice")
        request.headers.add(name: "Accept", value: "application/json")
        do {
            let deadline = NIODeadline.now() + limit
            let response = try await client.execute(request, deadline: deadline)
            var answer = Answer(
                status: Int(response.status.code), body: [], isWhole: false,
                retryAfterMs: response.headers.first(name: "Retry-After").flatMap(Self.retryAfterMs))
            // An answer has begun, so its status holds, whatever becomes of its body.
            do {
                for try await part in response.body {
                    answer.body.append(contentsOf: part.readableBytesView.prefix(Self.mostBytes - answer.body.count))
                    if answer.body.count >= Self.mostBytes { return answer }
                }
                answer.isWhole = true
            } catch {}
            return answer
        } catch {
            throw Self.failure(error)
        }
    }

    /// Seconds; the form with a date is left to our own pauses.
    private static func retryAfterMs(_ text: String) -> Int64? {
        guard let seconds = Int64(text), seconds >= 0 else { return nil }
        return min(seconds, 1_000_000) * 1000
    }

    private static func failure(_ error: any Error) -> Failure {
        switch error {
        case let error as HTTPClientError:
            let early: [HTTPClientError] = [
                .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout, .invalidURL, .emptyHost,
                .emptyScheme, .alreadyShutdown,
            ]
            return Failure(reason: error.shortDescription, mayHaveArrived: !early.contains(error))
        case is NIOConnectionError, is SocketAddressError:
            return Failure(reason: "no connection: \(ConnectionTrouble.words(of: error))", mayHaveArrived: false)
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            return Failure(reason: "no secure connection: \(error)", mayHaveArrived: false)
        case let error as IOError where error.errnoCode == ECONNREFUSED:
            return Failure(reason: "no connection: \(ConnectionTrouble.words(of: error))", mayHaveArrived: false)
        case is CancellationError:
            return Failure(reason: "stopped while it was under way", mayHaveArrived: true)
        default:
            return Failure(reason: ConnectionTrouble.words(of: error), mayHaveArrived: true)
        }
    }
}

extension HTTPCaller.Answer {
    var isSuccess: Bool { (200..<300).contains(status) }

    /// Status and the first line of the body, for people: bounded, without control characters.
    var summary: String {
        let text = String(decoding: body.prefix(200), as: UTF8.self).unicodeScalars
            .map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) }
        let line = String(text).trimmingPrefix(while: \.isWhitespace)
        return line.isEmpty ? "HTTP \(status)" : "HTTP \(status): \(line)"
    }
}
