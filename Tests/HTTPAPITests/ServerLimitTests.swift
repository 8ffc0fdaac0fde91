import HTTPAPI
import NIOCore
import Testing

@Suite struct ServerLimitTests {
    @Test(.timeLimit(.minutes(1))) func saysThatItsPortIsInUse() async throws {
        try await RunningServer.with { first in
            let port = first.port
            let error = await #expect(throws: HTTPServerError.self) {
                try await RunningServer.with(configure: { $0.port = port }) { _ in }
            }
            #expect(error == .portInUse(port))
            #expect(
                error?.description
                    == "http.port: port \(port) is in use by another program; stop that one or choose another port")
            let status = try await HTTPClient.ask("/health/live", port: port).status
            #expect(status == 200)
        }
    }

    @Test(.timeLimit(.minutes(1))) func saysThatItsAddressIsNoneOfThisMachine() async throws {
        let error = await #expect(throws: HTTPServerError.self) {
            try await RunningServer.with(configure: { $0.host = "192.0.2.1" }) { _ in }
        }
        guard case .cannotListen("192.0.2.1", _, _) = error else {
            Issue.record("was \(String(describing: error))")
            return
        }
    }

    struct Nonsense: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var text: String
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            Nonsense(testDescription: "another method and version", text: "BREW /coffee HTTP/9.9\r\n\r\n"),
            Nonsense(testDescription: "binary", text: "\u{0}\u{1}\u{2}\r\n\r\n"),
            Nonsense(testDescription: "a length that is none", text: "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"),
            Nonsense(
                testDescription: "a header of 40 kB",
                text: "GET / HTTP/1.1\r\nHost: t\r\nX: \(String(repeating: "a", count: 40_000))\r\n\r\n"),
            Nonsense(
                testDescription: "200 headers",
                text: "GET / HTTP/1.1\r\n" + (0..<200).map { "X\($0): 1\r\n" }.joined() + "\r\n"),
            Nonsense(
                testDescription: "a path of 40 kB",
                text: "GET /\(String(repeating: "a", count: 40_000)) HTTP/1.1\r\nHost: t\r\n\r\n"),
        ])
    func answersNonsenseWith400(_ request: Nonsense) async throws {
        try await RunningServer.with { server in
            let answer = try await HTTPClient.exchange(request.text, port: server.port)
            #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(answer.prefix(100))")
            let status = try await HTTPClient.ask("/health/live", port: server.port).status
            #expect(status == 200)
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["", "GET / HTTP/1.1\r\nHost: t\r\nX: "])
    func closesAConnectionThatSaysNothing(_ begun: String) async throws {
        try await RunningServer.with(configure: { $0.idleTimeout = .milliseconds(100) }) { server in
            try await HTTPClient.open(port: server.port) { inbound, send in
                do {
                    try await send(begun)
                    // Ends only when the server closes.
                    for try await _ in inbound {}
                } catch is ChannelError, is IOError {
                    // Closed before we had sent all, or with a reset: closed too.
                }
            }
        }
    }

    @Test func namesEveryProblemOfItsConfiguration() {
        #expect(HTTPConfiguration().problems() == [])
        var configuration = HTTPConfiguration()
        configuration.host = ""
        configuration.port = 70_000
        configuration.publicURL = "sluice.example.org/"
        configuration.mostConnections = 0
        configuration.eventBuffer = 0
        let keys = configuration.problems().map { String($0.prefix { $0 != ":" }) }
        #expect(keys == ["http.host", "http.port", "http.public_url", "http.max_connections", "http.event_buffer"])
    }

    @Test(arguments: [
        ("https://sluice.example.org", true), ("http://10.0.0.1:8080/a/b", true), ("https://x.org/", false),
        ("https://", false), ("ftp://x.org", false), ("https://x.org/a b", false), ("https://x y.org", false),
    ])
    func knowsAPublicURL(_ url: String, _ isGood: Bool) {
        var configuration = HTTPConfiguration()
        configuration.publicURL = url
        #expect(configuration.problems().isEmpty == isGood)
    }
}
