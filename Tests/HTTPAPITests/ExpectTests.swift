import HTTPAPI
import NIOCore
import Open311
import Testing

/// `Expect: 100-continue`, as curl and upload libraries send it: the body comes when it is wanted, and is not sent in vain.
@Suite(.timeLimit(.minutes(1))) struct ExpectTests {
    private static let body = "api_key=reporter&service_code=water-leak&lat=52.5&long=-1.9&description=Water+runs"

    private static func head(
        _ path: String = "/open311/v2/requests.json", version: String = "1.1", length: Int = body.utf8.count,
        type: String = "application/x-www-form-urlencoded", expect: String = "100-continue"
    ) -> String {
        "POST \(path) HTTP/\(version)\r\nHost: t\r\nContent-Type: \(type)\r\nContent-Length: \(length)\r\n"
            + "Connection: close\r\nExpect: \(expect)\r\n\r\n"
    }

    @Test(arguments: ["100-continue", "100-Continue"])
    func aBodyThatIsWantedIsAskedFor(_ expect: String) async throws {
        let desk = SampleDesk()
        try await RunningServer.with(desk: desk) { server in
            try await HTTPClient.open(port: server.port) { inbound, send in
                // The body is not sent before the word has come.
                try await send(Self.head(expect: expect))
                var chunks = inbound.makeAsyncIterator()
                var text = ""
                while !text.hasSuffix("\r\n\r\n"), let chunk = try await chunks.next() { text += String(buffer: chunk) }
                #expect(text == "HTTP/1.1 100 Continue\r\n\r\n")
                try await send(Self.body)
                text = ""
                while let chunk = try await chunks.next() { text += String(buffer: chunk) }
                #expect(try HTTPClient.parse(text).status == 200, "\(text)")
            }
            #expect(desk.taken.submissions.map(\.description) == ["Water runs"])
        }
    }

    struct Unwanted: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var head: String
        var status: Int
    }

    @Test(arguments: [
        Unwanted(testDescription: "a form that is too long", head: head(length: 2_000_000), status: 413),
        Unwanted(
            testDescription: "a photo that is too long",
            head: head(length: 500_000_000, type: "multipart/form-data; boundary=XYZ"), status: 413),
        Unwanted(testDescription: "nothing at that path", head: head("/nothing"), status: 404),
        Unwanted(testDescription: "a path that takes nothing", head: head("/open311/v2/services.json"), status: 405),
    ])
    func aBodyThatIsNotWantedIsRefusedAtOnce(_ c: Unwanted) async throws {
        try await RunningServer.with(desk: SampleDesk()) { server in
            // Reads until the server closes; no byte of the body is ever sent.
            let text = try await HTTPClient.exchange(c.head, port: server.port)
            let answer = try HTTPClient.parse(text)
            #expect(answer.status == c.status && answer.headers["connection"] == "close", "\(text)")
            #expect(text.ranges(of: "HTTP/1.1 ").count == 1, "\(text)")
        }
    }

    /// Before 1.1 there is no such word, and who has sent the body needs none.
    @Test func whoDoesNotWaitIsNotToldToGoOn() async throws {
        let desk = SampleDesk()
        try await RunningServer.with(desk: desk) { server in
            let old = try await HTTPClient.exchange(Self.head(version: "1.0") + Self.body, port: server.port)
            #expect(old.hasPrefix("HTTP/1.0 200 "), "\(old)")
            #expect(desk.taken.submissions.count == 1)
        }
    }

    /// Each of two requests on one connection is asked for its own body, behind the answer before it.
    @Test func aSecondBodyIsAskedForBehindTheFirstAnswer() async throws {
        try await RunningServer.with(desk: SampleDesk()) { server in
            try await HTTPClient.open(port: server.port) { inbound, send in
                let first = "GET /health/live HTTP/1.1\r\nHost: t\r\n\r\n"
                try await send(first + Self.head())
                var chunks = inbound.makeAsyncIterator()
                var text = ""
                while !text.contains("100 Continue"), let chunk = try await chunks.next() {
                    text += String(buffer: chunk)
                }
                #expect(text.hasPrefix("HTTP/1.1 200 ") && text.hasSuffix("HTTP/1.1 100 Continue\r\n\r\n"), "\(text)")
                try await send(Self.body)
                text = ""
                while let chunk = try await chunks.next() { text += String(buffer: chunk) }
                #expect(text.hasPrefix("HTTP/1.1 200 "), "\(text)")
            }
        }
    }
}
