import CZlib
import HTTPAPI
import NIOCore
import Open311
import Testing

/// What is sent as gzip, and what never is.
@Suite(.timeLimit(.minutes(2))) struct CompressionTests {
    private struct Answer {
        var status: Int
        var headers: [String: String]
        var bytes: [UInt8]
    }

    private static func ask(
        _ path: String, port: Int, method: String = "GET", accepting encodings: String? = "br, gzip;q=0.8",
        headers: [String] = []
    ) async throws -> Answer {
        let lines =
            ["\(method) \(path) HTTP/1.1", "Host: test.example:\(port)", "Connection: close"]
            + (encodings.map { ["Accept-Encoding: \($0)"] } ?? []) + headers
        return try await HTTPClient.openRaw(port: port) { inbound, send in
            try await send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
            var all: [UInt8] = []
            for try await chunk in inbound { all += chunk.readableBytesView }
            let end = try #require(all.indices.first { all[$0...].starts(with: Array("\r\n\r\n".utf8)) })
            let head = try HTTPClient.parse(String(decoding: all[..<(end + 4)], as: UTF8.self))
            return Answer(status: head.status, headers: head.headers, bytes: Array(all[(end + 4)...]))
        }
    }

    /// Through zlib itself. Safe: the stream's state stands still during each call, and zlib is told both sizes.
    private static func unzipped(_ bytes: [UInt8], most: Int = 4 << 20) throws -> [UInt8] {
        var stream = unsafe z_stream()
        let begun = unsafe inflateInit2_(&stream, MAX_WBITS + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        try #require(begun == Z_OK)
        defer { _ = unsafe inflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: most)
        let code = unsafe input.withUnsafeMutableBufferPointer { input in
            unsafe output.withUnsafeMutableBufferPointer { output in
                unsafe stream.next_in = input.baseAddress
                unsafe stream.avail_in = UInt32(input.count)
                unsafe stream.next_out = output.baseAddress
                unsafe stream.avail_out = UInt32(output.count)
                return unsafe inflate(&stream, Z_FINISH)
            }
        }
        try #require(code == Z_STREAM_END)
        return Array(output.prefix(unsafe Int(stream.total_out)))
    }

    private static let requests = "/open311/v2/requests.json?extensions=true"

    @Test(arguments: [
        requests, "/open311/v2/requests.xml?extensions=true", "/openapi.yaml", "/metrics", "/", "/assets/core/main.js",
        "/assets/styles/base.css", "/assets/wards.geojson",
    ])
    func textIsSentSmallToThoseWhoTakeIt(_ path: String) async throws {
        let wards = Array(#"{"type":"FeatureCollection","features":[]}"#.utf8) + [UInt8](repeating: 0x20, count: 2000)
        try await RunningServer.with(configure: { $0.wardsGeoJSON = wards }) { server in
            let plain = try await Self.ask(path, port: server.port, accepting: nil)
            let small = try await Self.ask(path, port: server.port)
            #expect(plain.status == 200 && small.status == 200)
            #expect(plain.headers["content-encoding"] == nil && small.headers["content-encoding"] == "gzip")
            #expect(plain.headers["vary"] == "Accept-Encoding" && small.headers["vary"] == "Accept-Encoding")
            #expect(small.headers["content-type"] == plain.headers["content-type"])
            #expect(small.headers["content-length"] == String(small.bytes.count))
            #expect(small.bytes.count < plain.bytes.count)
            // Metrics count the asking.
            if path != "/metrics" { #expect(try Self.unzipped(small.bytes) == plain.bytes) }
            let head = try await Self.ask(path, port: server.port, method: "HEAD")
            #expect(head.bytes.isEmpty && head.headers["content-encoding"] == "gzip")
            if path != "/metrics" { #expect(head.headers["content-length"] == small.headers["content-length"]) }
        }
    }

    @Test(arguments: [
        (path: requests, accepting: "identity", header: "X: y"), (requests, "gzip;q=0, br", "X: y"),
        // It might hold what a stranger wrote beside what only some may read.
        (requests, "gzip", "Authorization: Bearer slk_x"),
        // Too short to be worth it.
        ("/open311/v2/discovery.json", "gzip", "X: y"),
    ])
    func theRestIsSentAsItIs(_ asked: (path: String, accepting: String, header: String)) async throws {
        try await RunningServer.with { server in
            let plain = try await Self.ask(asked.path, port: server.port, accepting: nil)
            let same = try await Self.ask(
                asked.path, port: server.port, accepting: asked.accepting, headers: [asked.header])
            #expect(same.headers["content-encoding"] == nil && same.bytes == plain.bytes)
            #expect(same.headers["vary"] == "Accept-Encoding")
        }
    }

    @Test func livingStreamsAreLeftAlone() async throws {
        try await RunningServer.with { server in
            let head = try await Self.ask("/api/events", port: server.port, method: "HEAD")
            #expect(head.headers["content-encoding"] == nil && head.headers["vary"] == nil)
            let first = try await HTTPClient.open(port: server.port) { chunks, send in
                try await send("GET /api/events HTTP/1.1\r\nHost: t\r\nAccept-Encoding: gzip\r\n\r\n")
                var text = ""
                for try await chunk in chunks {
                    text += String(buffer: chunk)
                    if text.contains("retry: 3000") { break }
                }
                return text
            }
            #expect(!first.lowercased().contains("content-encoding") && first.contains("retry: 3000"))
        }
    }

    /// Of a part nobody speaks: what is asked for in ranges comes whole, which is a server's right.
    @Test func eachFormOfAFileHasATagOfItsOwn() async throws {
        try await RunningServer.with { server in
            let path = "/assets/core/main.js"
            let plain = try await Self.ask(path, port: server.port, accepting: nil)
            let small = try await Self.ask(path, port: server.port)
            let (one, other) = (try #require(plain.headers["etag"]), try #require(small.headers["etag"]))
            #expect(one != other)
            let known = try await Self.ask(path, port: server.port, headers: ["If-None-Match: \(other)"])
            #expect(known.status == 304 && known.bytes.isEmpty && known.headers["vary"] == "Accept-Encoding")
            let unknown = try await Self.ask(path, port: server.port, headers: ["If-None-Match: \(one)"])
            #expect(unknown.status == 200)
            let part = try await Self.ask(path, port: server.port, headers: ["Range: bytes=0-9"])
            #expect(part.status == 200 && part.bytes == small.bytes)
        }
    }

    /// What is remembered of a long answer is only sent for the same bytes.
    @Test func aLongAnswerIsTheOneThatWasAskedFor() async throws {
        var source = SampleSource()
        source.all = (0..<900).map { number in
            var request = ServiceRequest(
                id: Int64(900 - number), service: .waterLeak, incidentKey: "k\(number)", requestedAtMs: nowMs - 1000)
            request.description = String(repeating: "Water in the road. ", count: 6)
            return request
        }
        try await RunningServer.with(source) { server in
            for page in [1, 2, 1, 3, 2, 1] {
                let path = "/open311/v2/requests.json?page_size=300&page=\(page)"
                let plain = try await Self.ask(path, port: server.port, accepting: nil)
                let small = try await Self.ask(path, port: server.port)
                #expect(plain.bytes.count > 65_536 && small.bytes.count < plain.bytes.count / 4)
                #expect(try Self.unzipped(small.bytes) == plain.bytes)
            }
        }
    }
}
