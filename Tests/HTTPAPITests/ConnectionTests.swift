import HTTPAPI
import NIOCore
import Testing

/// What a connection is owed by a server, before and behind its requests.
@Suite(.timeLimit(.minutes(2))) struct ConnectionTests {
    struct Refused: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var text: String
        var status = 400
        var type = "application/json; charset=utf-8"
        var says: String
    }

    private static let json = "GET /open311/v2/requests.json"

    @Test(arguments: [
        Refused(
            testDescription: "another method and version", text: "BREW /coffee HTTP/9.9\r\n\r\n",
            type: "text/plain; charset=utf-8", says: "The request's method is unknown."),
        Refused(
            testDescription: "binary", text: "\u{0}\u{1}\u{2}\r\n\r\n", type: "text/plain; charset=utf-8",
            says: "The request's method is unknown."),
        Refused(
            testDescription: "another method, in XML", text: "BREW /open311/v2/requests.xml HTTP/1.1\r\n\r\n",
            type: "text/xml; charset=utf-8", says: "<errors><error><code>400</code><description>"),
        Refused(
            testDescription: "another version", text: "\(json) HTTP/7.1\r\n\r\n",
            says: "The request is in no version of HTTP that is spoken here."),
        Refused(
            testDescription: "a raw byte in the address", text: "\(json)?a=\u{1} HTTP/1.1\r\n\r\n",
            says: "percent-encode it."),
        Refused(
            testDescription: "a length that is none", text: "\(json) HTTP/1.1\r\nContent-Length: x\r\n\r\n",
            says: "Content-Length"),
        Refused(
            testDescription: "two lengths",
            text: "POST /open311/v2/requests.json HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
            says: "Content-Length"),
        Refused(
            testDescription: "a control character in a header", text: "\(json) HTTP/1.1\r\nX: a\u{5}b\r\n\r\n",
            says: "A header of the request holds what no header may."),
        Refused(
            testDescription: "no host", text: "\(json) HTTP/1.1\r\nAccept: */*\r\n\r\n",
            says: "must name one Host, found none"),
        Refused(
            testDescription: "two hosts", text: "\(json) HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            says: "must name one Host, found 2"),
        Refused(
            testDescription: "a header of 40 kB",
            text: "\(json) HTTP/1.1\r\nHost: t\r\nX: \(String(repeating: "a", count: 40_000))\r\n\r\n", status: 431,
            says: "The request's headers are too long, or too many."),
        Refused(
            testDescription: "200 headers",
            text: "\(json) HTTP/1.1\r\n" + (0..<200).map { "X\($0): 1\r\n" }.joined() + "\r\n", status: 431,
            says: "The request's headers are too long, or too many."),
        Refused(
            testDescription: "an address of 100 kB",
            text: "\(json)?x=\(String(repeating: "a", count: 100_000)) HTTP/1.1\r\nHost: t\r\n\r\n", status: 414,
            says: "The request's address is too long."),
        Refused(
            testDescription: "an address of 40 kB below /api",
            text: "GET /api/\(String(repeating: "a", count: 40_000))", status: 414,
            says: "The request's address is too long."),
    ])
    func whatTheParserRefusesIsAnsweredInWords(_ request: Refused) async throws {
        try await RunningServer.with { server in
            let answer = try HTTPClient.parse(try await HTTPClient.exchange(request.text, port: server.port))
            #expect(answer.status == request.status)
            #expect(answer.headers["content-type"] == request.type)
            #expect(answer.headers["connection"] == "close")
            #expect(answer.headers["content-length"] == String(answer.body.utf8.count))
            #expect(answer.body.contains(request.says), "\(answer.body)")
            if request.type.hasPrefix("application/json") {
                #expect(answer.body.hasPrefix(#"[{"code":\#(request.status),"description":""#), "\(answer.body)")
            }
            let status = try await HTTPClient.ask("/health/live", port: server.port).status
            #expect(status == 200)
        }
    }

    struct Second: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var first = "GET /open311/v2/services.json HTTP/1.1\r\nHost: t\r\n\r\n"
        var second: String
        var says: String
    }

    private static let chunked =
        "POST /open311/v2/requests.json HTTP/1.1\r\nHost: t\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        + "Transfer-Encoding: chunked\r\n\r\n"

    /// The first is answered, then the second is refused in its own words, and in the form of its own path.
    @Test(arguments: [
        Second(
            testDescription: "a page's", second: "BREW / HTTP/1.1\r\n\r\n", says: "The request's method is unknown.\n"),
        Second(
            testDescription: "in JSON", second: "BREW /open311/v2/requests.json HTTP/1.1\r\n\r\n",
            says: #"[{"code":400,"description":"The request's method is unknown."}]"#),
        Second(
            testDescription: "in XML", second: "GET /open311/v2/requests.xml HTTP/1.1\r\nX: a\u{5}b\r\n\r\n",
            says: "<errors><error><code>400</code><description>A header of the request holds what no header may."
                + "</description></error></errors>"),
        Second(
            testDescription: "behind a body of a told length",
            first: "POST /open311/v2/requests.json HTTP/1.1\r\nHost: t\r\nContent-Length: 7\r\n\r\na=\n\nb=c",
            second: "BREW /api/map HTTP/1.1\r\n\r\n",
            says: #"[{"code":400,"description":"The request's method is unknown."}]"#),
        Second(
            testDescription: "behind a body in chunks", first: chunked + "5\r\na=\n\nb\r\n0\r\n\r\n",
            second: "BREW /api/map HTTP/1.1\r\n\r\n",
            says: #"[{"code":400,"description":"The request's method is unknown."}]"#),
        Second(
            testDescription: "behind empty lines", second: "\r\n\r\nBREW /api/map HTTP/1.1\r\n\r\n",
            says: #"[{"code":400,"description":"The request's method is unknown."}]"#),
    ])
    func whatCameBeforeIsAnsweredFirst(_ sent: Second) async throws {
        try await RunningServer.with(desk: SampleDesk()) { server in
            let text = try await HTTPClient.exchange(sent.first + sent.second, port: server.port)
            #expect(text.hasPrefix("HTTP/1.1 "), "\(text.prefix(200))")
            #expect(text.ranges(of: "HTTP/1.1 ").count == 2, "\(text)")
            #expect(text.contains("HTTP/1.1 400 "), "\(text)")
            #expect(text.hasSuffix(sent.says) || text.hasSuffix(sent.says + "\n"), "\(text.suffix(300))")
        }
    }

    /// A body that breaks off in its middle is answered once, by the request that it belongs to.
    @Test func aBrokenBodyIsAnsweredOnce() async throws {
        try await RunningServer.with(desk: SampleDesk()) { server in
            let text = try await HTTPClient.exchange(
                "POST /open311/v2/requests.json HTTP/1.1\r\nHost: t\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n3\r\na=b\r\nZZZ\r\n", port: server.port)
            let answer = try HTTPClient.parse(text)
            #expect(answer.status == 400)
            #expect(text.ranges(of: "HTTP/1.1 ").count == 1, "\(text)")
            #expect(answer.headers["connection"] == "close")
        }
    }

    /// A client that sends all before it reads would wait for ever for a server that has stopped reading.
    @Test(arguments: ["Idempotency-Key: R\u{5}", "Content-Length: 8000000\r\nContent-Length: 1"])
    func aRefusedHeadWithALongBodyIsAnsweredAndReadToItsEnd(_ header: String) async throws {
        let head = "POST /open311/v2/requests.json HTTP/1.1\r\nHost: t\r\n\(header)\r\nContent-Length: 8000000\r\n\r\n"
        let body = [UInt8](repeating: 0x61, count: 8_000_000)
        try await RunningServer.with(desk: SampleDesk()) { server in
            let text = try await HTTPClient.openRaw(port: server.port) { inbound, send in
                try await send(Array(head.utf8) + body)
                var text = ""
                for try await chunk in inbound { text += String(buffer: chunk) }
                return text
            }
            #expect(text.hasPrefix("HTTP/1.1 400 "), "\(text)")
            #expect(text.contains(#"[{"code":400,"description":""#), "\(text)")
        }
    }

    @Test(arguments: [
        ("GET /open311/v2/services.json HTTP/1.0\r\n\r\n", "HTTP/1.0 200 "),
        ("GET /open311/v2/services.json HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "HTTP/1.0 200 "),
        ("GET /open311/v2/services.json HTTP/1.1\r\nHost: t\r\nConnection: Upgrade, close\r\n\r\n", "HTTP/1.1 200 "),
        ("GET /open311/v2/services.json HTTP/1.1\r\nHost: t\r\nConnection: CLOSE\r\n\r\n", "HTTP/1.1 200 "),
    ])
    func theLastAnswerOfAConnectionEndsIt(_ request: String, _ begins: String) async throws {
        try await RunningServer.with { server in
            // Reads until the server closes.
            let text = try await HTTPClient.exchange(request, port: server.port)
            #expect(text.hasPrefix(begins), "\(text.prefix(200))")
            let answer = try HTTPClient.parse(text)
            #expect(answer.headers["connection"] == "close")
            #expect(answer.body.hasPrefix("[{\"service_code\""))
        }
    }
}
