import HTTPAPI
import Open311
import Testing

@Suite struct RequestListTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var query: String
        var ids: [String]
        var testDescription: String { query }

        init(_ query: String, _ ids: [String]) { (self.query, self.ids) = (query, ids) }
    }

    /// Ids 5 to 1 were raised at 20:34:05.678, 19:34:05.678, …; 5, 3 and 1 are leaks; 5, 4 and 3 are open.
    private static let cases = [
        Case("", ["5", "4", "3", "2", "1"]),
        Case("service_request_id=1,4", ["4", "1"]),
        Case("service_request_id=1%2C4&status=closed&start_date=never", ["4", "1"]),
        Case("service_request_id=77", []),
        Case("status=closed", ["2", "1"]),
        Case("status=open&service_code=water-leak", ["5", "3"]),
        Case("service_code=water-leak%2Cbin-full&status=&jurisdiction_id=x", ["5", "4", "3", "2", "1"]),
        Case("start_date=2026-11-21T19:34:05Z&end_date=2026-11-21T19:34:05Z", ["4"]),
        Case("start_date=2026-11-21T20:34:05%2B01:00&end_date=2026-11-21T20:34:05+01:00", ["4"]),
        Case("start_date=2026-11-21T19:34:06Z", ["5"]),
        Case("end_date=2026-11-21T16:34:04Z", []),
        Case("start_date=0001-01-01T00:00:00Z", []),
        Case("end_date=9999-12-31T23:59:59Z", []),
        Case("page_size=2", ["5", "4"]),
        Case("page_size=2&page=3", ["1"]),
        Case("page_size=2&page=4", []),
        Case("page_size=1000&page=100000", []),
        Case("%73tatus=closed", ["2", "1"]),
        Case("&&=&status&=x&status=closed", ["2", "1"]),
        Case("%ff=%fe&%=%zz&%0", ["5", "4", "3", "2", "1"]),
    ]

    @Test func findsWhatTheQuerySays() async throws {
        try await RunningServer.with { server in
            for c in Self.cases {
                let answer = try await HTTPClient.ask("/open311/v2/requests.json?\(c.query)", port: server.port)
                #expect(answer.status == 200, "\(c.query)")
                #expect(ids(in: answer.body, /"service_request_id":"(\d+)"/) == c.ids, "\(c.query)")
                let xml = try await HTTPClient.ask("/open311/v2/requests.xml?\(c.query)", port: server.port)
                #expect(ids(in: xml.body, /<service_request_id>(\d+)</) == c.ids, "\(c.query)")
            }
        }
    }

    private static let refused = [
        "page=nan", "page=0x10", "page=0", "page=-1", "page=1e9", "page=99999999999999999999999", "page_size=1001",
        "start_date=2026-11-21", "start_date=2026-11-21T00:00:00", "end_date=%00", "end_date=now",
        "start_date=0000-01-01T00:00:00Z", "end_date=10000-01-01T00:00:00Z",
        "start_date=0001-01-01T00:00:00Z&end_date=9999-12-31T23:59:59Z",
        "start_date=2026-11-21T00:00:00Z&end_date=2026-11-20T00:00:00Z", "status=fixed", "status=open;closed",
        "service_code=pothole", "service_code=%3Cb%3E%00", "service_request_id=abc", "service_request_id=1,%F0%9F",
        "extensions=maybe", "total=approx", "status=" + String(repeating: "a", count: 8000),
    ]

    @Test func refusesWhatMakesNoSense() async throws {
        try await RunningServer.with { server in
            for query in Self.refused {
                let json = try await HTTPClient.ask("/open311/v2/requests.json?\(query)", port: server.port)
                #expect(json.status == 400, "\(query)")
                #expect(json.headers["content-type"] == "application/json; charset=utf-8", "\(query)")
                #expect(json.body.hasPrefix(#"[{"code":400,"description":""#), "\(query)")
                #expect(json.body.utf8.count < 400, "\(query)")
                let xml = try await HTTPClient.ask("/open311/v2/requests.xml?\(query)", port: server.port)
                #expect(xml.status == 400, "\(query)")
                #expect(xml.body.contains("<errors><error><code>400</code>"), "\(query)")
            }
        }
    }

    @Test func linksThePages() async throws {
        try await RunningServer.with { server in
            let here = "http://test.example:\(server.port)/open311/v2/requests.json?"
            let cases: [(query: String, link: String?)] = [
                ("", nil),
                ("page_size=2&x=a%0D%0Ab>", "<\(here)page_size=2&x=a%0D%0Ab%3E&page=2>; rel=\"next\""),
                (
                    "page=2&page_size=2",
                    "<\(here)page_size=2&page=3>; rel=\"next\", <\(here)page_size=2&page=1>; rel=\"prev\""
                ),
                ("page=3&page_size=2", "<\(here)page_size=2&page=2>; rel=\"prev\""),
            ]
            for (query, link) in cases {
                let answer = try await HTTPClient.ask("/open311/v2/requests.json?\(query)", port: server.port)
                #expect(answer.headers["link"] == link, "\(query)")
                #expect(answer.headers["x-total-count"] == "5", "\(query)")
            }
        }
    }

    /// Pages are linked all the same, and whoever must know may ask.
    @Test func namesNoTotalThatNobodyCounted() async throws {
        var source = SampleSource.five
        source.mostCounted = 4
        try await RunningServer.with(source) { server in
            let path = "/open311/v2/requests.json?page_size=2"
            let uncounted = try await HTTPClient.ask(path, port: server.port)
            #expect(uncounted.headers["x-total-count"] == nil)
            #expect(uncounted.headers["link"]?.contains("rel=\"next\"") == true)
            let counted = try await HTTPClient.ask(path + "&total=exact", port: server.port)
            #expect(counted.headers["x-total-count"] == "5" && counted.body == uncounted.body)
            #expect(counted.headers["link"]?.contains("page_size=2&total=exact&page=2") == true)
            let few = try await HTTPClient.ask(path + "&status=open", port: server.port)
            #expect(few.headers["x-total-count"] == "3")
        }
    }

    @Test func addsExtensionsOnlyOnRequest() async throws {
        try await RunningServer.with { server in
            for path in ["/open311/v2/requests.json", "/open311/v2/requests/3.json"] {
                let bare = try await HTTPClient.ask(path, port: server.port).body
                #expect(!bare.contains("extended_attributes") && !bare.contains("notes\":["), "\(path)")
                let more = try await HTTPClient.ask(path + "?extensions=true", port: server.port).body
                #expect(more.contains(#""extended_attributes":{"channel":"sensor","#), "\(path)")
                #expect(more.contains(#""description":"Note of 3","author":"system"}]"#), "\(path)")
            }
        }
    }

    struct Host: Sendable, CustomTestStringConvertible {
        var header: String
        var url: String
        var testDescription: String { header }
    }

    @Test(arguments: [
        Host(header: "sluice.example.org", url: "http://sluice.example.org/open311/v2"),
        Host(header: "[::1]:8311", url: "http://[::1]:8311/open311/v2"),
        Host(header: "evil\"><script>", url: "http://127.0.0.1:0/open311/v2"),
        Host(header: "a/b", url: "http://127.0.0.1:0/open311/v2"),
        Host(header: "a:b", url: "http://127.0.0.1:0/open311/v2"),
        Host(header: "user@evil", url: "http://127.0.0.1:0/open311/v2"),
    ])
    func discoveryNamesTheHostOnlyIfItIsOne(_ c: Host) async throws {
        try await RunningServer.with { server in
            let text = try await HTTPClient.exchange(
                "GET /open311/v2/discovery.json HTTP/1.1\r\nHost: \(c.header)\r\nConnection: close\r\n\r\n",
                port: server.port)
            #expect(text.contains("\"url\":\"\(c.url)\""), "\(text)")
        }
    }

    @Test func discoveryNamesTheConfiguredAddress() async throws {
        try await RunningServer.with(configure: { $0.publicURL = "https://city.example/sluice" }) { server in
            let text = try await HTTPClient.ask("/open311/v2/discovery.json", port: server.port).body
            #expect(text.contains(#""url":"https://city.example/sluice/open311/v2""#))
        }
    }

    private func ids(in text: String, _ pattern: Regex<(Substring, Substring)>) -> [String] {
        text.matches(of: pattern).map { String($0.1) }
    }
}
