import HTTPAPI
import NIOCore
import Telemetry
import TestSupport
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

    // MARK: A connection that comes to no request

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [("", ""), ("GET /open311/v2/requests.json HTTP/1.1\r\nHost: t\r\nX: ", "HTTP/1.1 408 ")])
    func closesAConnectionThatComesToNoRequest(_ begun: String, _ answer: String) async throws {
        // What is begun must be there before the deadline, also on a machine that has much to do.
        let timeout = Duration.seconds(begun.isEmpty ? 0.1 : 3)
        try await RunningServer.with(configure: { $0.firstRequestTimeout = timeout }) { server in
            let text = try await HTTPClient.open(port: server.port) { inbound, send in
                if !begun.isEmpty { try await send(begun) }
                var text = ""
                // Ends only when the server closes.
                for try await chunk in inbound { text += String(buffer: chunk) }
                return text
            }
            #expect(text.hasPrefix(answer) && text.isEmpty == answer.isEmpty, "\(text)")
            let says = #"[{"code":408,"description":"The request took too long to arrive."}]"#
            #expect(answer.isEmpty || text.hasSuffix(says), "\(text)")
            #expect(server.metrics.prometheusText().contains("sluice_http_refused_total{reason=\"silent\"} 1"))
        }
    }

    @Test(.timeLimit(.minutes(1))) func aConnectionThatHasAskedMayRest() async throws {
        try await RunningServer.with(configure: { $0.firstRequestTimeout = .seconds(2) }) { server in
            try await HTTPClient.open(port: server.port) { inbound, send in
                var answers = KeptConnection(inbound)
                let asking = "GET /health/live HTTP/1.1\r\nHost: t\r\n\r\n"
                try await send(asking)
                #expect(try await answers.next()?.status == 200)
                // One that comes later and asks nothing is hung up on: so long the first has rested, and longer.
                try await HTTPClient.open(port: server.port) { silent, _ in for try await _ in silent {} }
                try await send(asking)
                #expect(try await answers.next()?.status == 200)
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func oneAddressTakesNoMoreThanItsShareOfConnections() async throws {
        try await RunningServer.with(configure: { $0.mostConnectionsPerAddress = 2 }) { server in
            let port = server.port
            let (released, release) = AsyncStream.makeStream(of: Void.self)
            try await withThrowingTaskGroup(of: Void.self) { group in
                let (begun, begin) = AsyncStream.makeStream(of: Void.self)
                for _ in 0..<2 {
                    group.addTask {
                        try await HTTPClient.open(port: port, from: "127.0.0.2") { inbound, send in
                            try await send("GET /health/live HTTP/1.1\r\nHost: t\r\n\r\n")
                            var answers = KeptConnection(inbound)
                            #expect(try await answers.next()?.status == 200)
                            begin.yield()
                            for await _ in released {}
                        }
                    }
                }
                var count = 0
                for await _ in begun {
                    count += 1
                    if count == 2 { break }
                }
                let third = try await HTTPClient.open(port: port, from: "127.0.0.2") { inbound, _ in
                    var text = ""
                    for try await chunk in inbound { text += String(buffer: chunk) }
                    return text
                }
                #expect(third.hasPrefix("HTTP/1.1 429 ") && third.contains("Retry-After: "), "\(third)")
                // Others, and this machine, are not meant.
                for address in ["127.0.0.3", "127.0.0.1"] {
                    for _ in 0..<3 { #expect(try await Self.isServed(port, from: address)) }
                }
                release.finish()
                try await group.waitForAll()
            }
            try await eventually("the places are free again") { try await Self.isServed(port, from: "127.0.0.2") }
        }
    }

    private static func isServed(_ port: Int, from address: String) async throws -> Bool {
        try await HTTPClient.open(port: port, from: address) { inbound, send in
            try? await send("GET /health/live HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
            var text = ""
            do { for try await chunk in inbound { text += String(buffer: chunk) } } catch {}
            return text.hasPrefix("HTTP/1.1 200 ")
        }
    }

    @Test func namesEveryProblemOfItsConfiguration() {
        #expect(HTTPConfiguration().problems() == [])
        var configuration = HTTPConfiguration()
        configuration.host = ""
        configuration.port = 70_000
        configuration.publicURL = "sluice.example.org/"
        configuration.mostConnections = 0
        configuration.mostConnectionsPerAddress = 0
        configuration.eventBuffer = 0
        let keys = configuration.problems().map { String($0.prefix { $0 != ":" }) }
        #expect(
            keys == [
                "http.host", "http.port", "http.public_url", "http.max_connections",
                "http.max_connections_per_address", "http.event_buffer",
            ])
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
