import HTTPAPI
import NIOCore
import Open311
import TestSupport
import Testing

@Suite struct PostingTests {
    private static let form = ["Content-Type: application/x-www-form-urlencoded"]

    @Test func aReportIsTakenAndItsIdReturned() async throws {
        let desk = SampleDesk()
        try await RunningServer.with(desk: desk) { server in
            let answer = try await HTTPClient.post(
                "/open311/v2/requests.json", port: server.port, headers: Self.form + ["Idempotency-Key: k-1"],
                body: "api_key=reporter&service_code=water-leak&lat=52.5&long=-1.9&description=Water+runs&email=a%40b.c"
            )
            #expect(answer.status == 200)
            #expect(
                answer.body
                    == #"[{"service_request_id":"6","service_notice":"Water has your report.","account_id":null}]"#)
            let taken = desk.taken
            let submission = try #require(taken.submissions.first)
            #expect(submission.description == "Water runs" && submission.latitude == 52.5)
            #expect(submission.externalID == "k-1" && submission.key == 1)
            #expect(taken.reporters.first??.email == "a@b.c")
            #expect(taken.addresses == ["127.0.0.1"])
        }
    }

    @Test func aKeyMayStandInTheQuery() async throws {
        try await RunningServer.with(desk: SampleDesk(receipt: .token("t-1"))) { server in
            let answer = try await HTTPClient.post(
                "/open311/v2/requests.xml?api_key=reporter", port: server.port, headers: Self.form,
                body: "service_code=water-leak&address_string=Broad+Street")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "text/xml; charset=utf-8")
            #expect(answer.body.contains("<request><token>t-1</token>"))
        }
    }

    @Test func aPhotoIsKeptServedAndLinked() async throws {
        let desk = SampleDesk()
        try await RunningServer.with(desk: desk) { server in
            // A whole picture of one point, whose data looks like the end of its part.
            let photo =
                "GIF89a\u{1}\0\u{1}\0\0\0\0,\0\0\0\0\u{1}\0\u{1}\0\0\u{2}\u{7}\r\n--XY\u{1}\0;"
            let parts = [
                "Content-Disposition: form-data; name=\"api_key\"\r\n\r\nreporter",
                "Content-Disposition: form-data; name=\"service_code\"\r\n\r\nbin-full",
                "Content-Disposition: form-data; name=\"lat\"\r\n\r\n52.5",
                "Content-Disposition: form-data; name=\"long\"\r\n\r\n-1.9",
                "Content-Disposition: form-data; name=\"media_url\"\r\n\r\nhttps://example.org/a.jpg",
                "Content-Disposition: form-data; name=\"media\"; filename=\"IMG 1.HEIC\"\r\n"
                    + "Content-Type: image/heic\r\n\r\n" + photo,
            ]
            let body = parts.map { "--XYZ\r\n\($0)\r\n" }.joined() + "--XYZ--\r\n"
            let answer = try await HTTPClient.post(
                "/open311/v2/requests.json", port: server.port,
                headers: ["Content-Type: multipart/form-data; boundary=XYZ"], body: body)
            #expect(answer.status == 200, "\(answer.body)")
            let submission = try #require(desk.taken.submissions.first)
            #expect(submission.mediaURL == "/media/photos/00000000000000000000000000000022.gif")
            #expect(submission.description == "See also https://example.org/a.jpg")
            let kept = try await HTTPClient.ask("/media/photos/00000000000000000000000000000022.gif", port: server.port)
            #expect(kept.status == 200 && kept.body == photo)
            #expect(kept.headers["content-type"] == "image/gif")
            #expect(kept.headers["cache-control"] == "public, max-age=86400, immutable")
            for name in [
                "00000000000000000000000000000023.gif", "../etc/passwd", "00000000000000000000000000000022.svg",
                "x.gif",
            ] {
                let status = try await HTTPClient.ask("/media/photos/\(name)", port: server.port).status
                #expect(status == 404, "\(name)")
            }
        }
    }

    @Test func whereAPhotoWasTakenIsNotKept() async throws {
        let desk = SampleDesk()
        try await RunningServer.with(desk: desk) { server in
            let fields = [
                ("api_key", "reporter"), ("service_code", "bin-full"), ("address_string", "10 Broad Street"),
            ].map { "--XYZ\r\nContent-Disposition: form-data; name=\"\($0)\"\r\n\r\n\($1)\r\n" }.joined()
            let file = "--XYZ\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.jpg\"\r\n\r\n"
            let body = Array((fields + file).utf8) + SamplePhotos.jpegOfAPhone + Array("\r\n--XYZ--\r\n".utf8)
            let answer = try await HTTPClient.post(
                "/open311/v2/requests.json", port: server.port,
                headers: ["Content-Type: multipart/form-data; boundary=XYZ"], bytes: body)
            #expect(answer.status == 200, "\(answer.body)")
            let photo = try #require(desk.taken.photos.values.first)
            #expect(photo.bytes == Photo(bytes: SamplePhotos.jpegOfAPhone)?.withoutMetadata()?.bytes)
            for secret in SamplePhotos.secrets { #expect(photo.bytes.firstRange(of: Array(secret.utf8)) == nil) }
            let broken = Array((fields + file).utf8) + SamplePhotos.jpeg.prefix(60) + Array("\r\n--XYZ--\r\n".utf8)
            let refused = try await HTTPClient.post(
                "/open311/v2/requests.json", port: server.port,
                headers: ["Content-Type: multipart/form-data; boundary=XYZ"], bytes: broken)
            #expect(refused.status == 400 && refused.body.contains("no whole JPEG"), "\(refused.body)")
            #expect(desk.taken.submissions.count == 1)
        }
    }

    @Test func anotherJurisdictionIsNotFound() async throws {
        try await RunningServer.with(desk: SampleDesk(), configure: { $0.jurisdiction = "city.example" }) { server in
            let v2 = "/open311/v2"
            for path in [
                "requests.json", "requests/5.json", "services.json", "services/water-leak.json",
                "servicerequestupdates.json",
            ] {
                for (named, status) in [
                    ("", 200), ("?jurisdiction_id=", 200), ("?jurisdiction_id=city.example", 200),
                    ("?jurisdiction_id=other.example", 404),
                ] {
                    let answer = try await HTTPClient.ask("\(v2)/\(path)\(named)", port: server.port)
                    #expect(answer.status == status, "\(path)\(named): \(answer.body)")
                }
            }
            let xml = try await HTTPClient.ask("\(v2)/requests.xml?jurisdiction_id=x", port: server.port)
            #expect(xml.status == 404 && xml.body.contains("<errors><error><code>404</code>"), "\(xml.body)")
            // Who writes to another city is told that before his key is looked at.
            for path in ["requests.json", "servicerequestupdates.json"] {
                let posted = try await HTTPClient.post(
                    "\(v2)/\(path)", port: server.port, headers: Self.form,
                    body: "jurisdiction_id=other.example&api_key=wrong&service_code=water-leak&lat=1&long=1")
                #expect(posted.status == 404 && posted.body.contains("speaks for city.example"), "\(posted.body)")
            }
            let discovery = try await HTTPClient.ask("\(v2)/discovery.json?jurisdiction_id=x", port: server.port)
            #expect(discovery.status == 200, "who looks for the city finds out which it is")
        }
    }

    @Test func anUpdateIsTaken() async throws {
        let desk = SampleDesk()
        try await RunningServer.with(desk: desk) { server in
            let answer = try await HTTPClient.post(
                "/open311/v2/servicerequestupdates.xml", port: server.port, headers: Self.form,
                body: "api_key=updater&service_request_id=3&status=FIXED&description=Done&update_id=77")
            #expect(answer.status == 200)
            #expect(answer.body.contains("<request_update><update_id>3-2</update_id></request_update>"))
            let update = try #require(desk.taken.updates.first)
            #expect(update.word == .fixed && update.externalID == "77" && update.key == 2)
            let unknown = try await HTTPClient.post(
                "/open311/v2/servicerequestupdates.json", port: server.port, headers: Self.form,
                body: "api_key=updater&service_request_id=99&status=FIXED")
            #expect(unknown.status == 404)
        }
    }

    @Test func aTokenBecomesAnId() async throws {
        try await RunningServer.with(desk: SampleDesk()) { server in
            for (token, body) in [
                ("waiting", #"[{"token":"waiting"}]"#), ("done", #"[{"service_request_id":"6","token":"done"}]"#),
            ] {
                let answer = try await HTTPClient.ask("/open311/v2/tokens/\(token).json", port: server.port)
                #expect(answer.status == 200 && answer.body == body)
            }
            let unknown = try await HTTPClient.ask("/open311/v2/tokens/x%00.xml", port: server.port)
            #expect(unknown.status == 404 && unknown.body.contains("<errors>"))
        }
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var status: Int
        var headers: [String]
        var body: String
    }

    @Test(arguments: [
        Refused(testDescription: "no key", status: 403, headers: form, body: "service_code=water-leak&address_id=1"),
        Refused(
            testDescription: "a wrong key", status: 403, headers: form,
            body: "api_key=x&service_code=water-leak&address_id=1"),
        Refused(
            testDescription: "a key that may not", status: 403, headers: form,
            body: "api_key=updater&service_code=water-leak&address_id=1"),
        Refused(
            testDescription: "too often", status: 429, headers: form,
            body: "api_key=busy&service_code=water-leak&address_id=1"),
        Refused(testDescription: "no service", status: 400, headers: form, body: "api_key=reporter&address_id=1"),
        Refused(
            testDescription: "no such service", status: 404, headers: form,
            body: "api_key=reporter&service_code=x&address_id=1"),
        Refused(testDescription: "JSON", status: 400, headers: ["Content-Type: application/json"], body: "{}"),
        Refused(testDescription: "invalid UTF-8", status: 400, headers: form, body: "api_key=reporter&description=%ff"),
        Refused(
            testDescription: "a control character as idempotency key", status: 400,
            headers: form + ["Idempotency-Key: a b"], body: "api_key=reporter&service_code=water-leak&address_id=1"),
        Refused(
            testDescription: "a web page as photo", status: 400,
            headers: ["Content-Type: multipart/form-data; boundary=b"],
            body:
                "--b\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"
                + "<html>\r\n--b\r\nContent-Disposition: form-data; name=\"api_key\"\r\n\r\nreporter\r\n"
                + "--b\r\nContent-Disposition: form-data; name=\"service_code\"\r\n\r\nwater-leak\r\n"
                + "--b\r\nContent-Disposition: form-data; name=\"address_id\"\r\n\r\n1\r\n--b--"),
    ])
    func refuses(_ c: Refused) async throws {
        let desk = SampleDesk()
        try await RunningServer.with(desk: desk) { server in
            for format in ["json", "xml"] {
                let answer = try await HTTPClient.post(
                    "/open311/v2/requests.\(format)", port: server.port, headers: c.headers, body: c.body)
                #expect(answer.status == c.status, "\(answer.body)")
                #expect(answer.headers["retry-after"] == (c.status == 429 ? "7" : nil))
                let begins = format == "json" ? "[{\"code\":\(c.status)," : "<?xml"
                #expect(answer.body.hasPrefix(begins))
                #expect(answer.headers["access-control-allow-origin"] == "*")
            }
        }
        #expect(desk.taken.submissions.isEmpty)
    }

    @Test func aBodyThatIsTooLongIsNotEvenRead() async throws {
        try await RunningServer.with(desk: SampleDesk()) { server in
            let head = "POST /open311/v2/requests.json HTTP/1.1\r\nHost: t\r\n"
            for type in ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
                // Nothing of it is sent: the answer comes, and the server hangs up.
                let answer = try await HTTPClient.exchange(
                    head + "Content-Type: \(type)\r\nContent-Length: 999999999999\r\n\r\n", port: server.port)
                #expect(answer.hasPrefix("HTTP/1.1 413 "), "\(answer.prefix(80))")
                #expect(answer.contains("connection: close") || answer.contains("Connection: close"))
            }
            let chunk = "10000\r\n" + String(repeating: "a", count: 65_536) + "\r\n"
            let chunked = try await HTTPClient.exchange(
                head + "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + String(repeating: chunk, count: 17), port: server.port)
            #expect(chunked.hasPrefix("HTTP/1.1 413 "), "\(chunked.prefix(80))")
        }
    }

    @Test(.timeLimit(.minutes(1))) func aBodyThatDoesNotEndIsGivenUp() async throws {
        try await RunningServer.with(desk: SampleDesk(), configure: { $0.bodyTimeout = .milliseconds(100) }) { server in
            let answer = try await HTTPClient.exchange(
                "POST /open311/v2/requests.json HTTP/1.1\r\nHost: t\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                    + "Content-Length: 100\r\n\r\napi_key=", port: server.port)
            #expect(answer.hasPrefix("HTTP/1.1 408 "), "\(answer.prefix(80))")
        }
    }

    private static let report = "api_key=reporter&service_code=water-leak&address_string=Broad+Street"

    /// Runs `body` while a body of photos is being read of which so many bytes have been sent, and many more announced.
    private static func whileUploading(
        _ bytes: Int, _ server: RunningServer, _ body: @Sendable @escaping () async throws -> Void
    ) async throws {
        try await HTTPClient.open(port: server.port) { inbound, send in
            try await send(
                "POST /open311/v2/requests.json HTTP/1.1\r\nHost: t\r\nContent-Type: multipart/form-data; boundary=x\r\n"
                    + "Content-Length: \(SubmittedForm.mostBytes)\r\nExpect: 100-continue\r\n\r\n")
            var inbound = inbound.makeAsyncIterator()
            // The server says so when it begins to read.
            let answer = try await inbound.next().map { String(buffer: $0) }
            #expect(answer?.hasPrefix("HTTP/1.1 100 ") == true)
            try await send(String(repeating: "a", count: bytes))
            try await body()
        }
    }

    private static func sendReport(_ server: RunningServer) async throws -> HTTPClient.Answer {
        try await HTTPClient.post("/open311/v2/requests.json", port: server.port, headers: form, body: report)
    }

    @Test(.timeLimit(.minutes(1))) func whoAnnouncesMuchAndSendsLittleKeepsNobodyOut() async throws {
        try await RunningServer.with(desk: SampleDesk(), configure: { $0.uploadRoom = SubmittedForm.mostBytes }) {
            server in
            try await Self.whileUploading(5, server) {
                let answer = try await Self.sendReport(server)
                #expect(answer.status == 200, "\(answer.body)")
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func whatIsBeingReadHasABound() async throws {
        try await RunningServer.with(desk: SampleDesk(), configure: { $0.uploadRoom = 64 << 10 }) { server in
            try await Self.whileUploading((64 << 10) - 10, server) {
                try await eventually("there is no room for a report") {
                    let answer = try await Self.sendReport(server)
                    return answer.status == 429 && answer.headers["retry-after"] == "10"
                }
            }
            // Whoever leaves gives back what was taken.
            try await eventually("there is room again") { try await Self.sendReport(server).status == 200 }
        }
    }

    @Test func failureOfTheDeskTellsNothing() async throws {
        try await RunningServer.with(desk: SampleDesk(isBroken: true)) { server in
            let answer = try await HTTPClient.post(
                "/open311/v2/requests.json", port: server.port, headers: Self.form,
                body: "api_key=reporter&service_code=water-leak&address_id=1")
            #expect(answer.status == 500)
            #expect(!answer.body.contains("Broken"))
        }
    }

    @Test func aBrowserOfAnotherSiteMayPost() async throws {
        try await RunningServer.with(desk: SampleDesk()) { server in
            let answer = try await HTTPClient.ask(
                "/open311/v2/requests.json", port: server.port, method: "OPTIONS",
                headers: ["Origin: https://example.org", "Access-Control-Request-Method: POST"])
            #expect(answer.status == 204)
            #expect(answer.headers["access-control-allow-methods"] == "GET, HEAD, POST, OPTIONS")
            #expect(answer.headers["access-control-allow-headers"] == "Content-Type, Idempotency-Key")
            #expect(answer.headers["access-control-allow-origin"] == "*")
        }
    }

    @Test(arguments: [(["127.0.0.1"], "192.0.2.7"), (["192.0.2.99"], "127.0.0.1"), ([], "127.0.0.1")])
    func theLastWordOfANamedProxyCounts(proxies: [String], address: String) async throws {
        let desk = SampleDesk()
        try await RunningServer.with(desk: desk, configure: { $0.proxies = Set(proxies) }) { server in
            for header in ["X-Forwarded-For: 10.0.0.1, 192.0.2.7", "X-Nothing: 1"] {
                _ = try await HTTPClient.post(
                    "/open311/v2/requests.json", port: server.port, headers: Self.form + [header], body: "api_key=x")
            }
        }
        #expect(desk.taken.addresses == [address, "127.0.0.1"])
    }

    @Test func updatesAreReadByTimeAndPage() async throws {
        try await RunningServer.with { server in
            let cases: [(query: String, ids: [String])] = [
                ("", ["1-1", "2-1", "3-1", "4-1", "5-1"]),
                ("start_date=2026-11-21T19:34:05Z&api_key=", ["4-1", "5-1"]),
                ("start_date=2026-11-21T19:34:05Z&end_date=2026-11-21T19:34:05Z", ["4-1"]),
                ("service_request_id=3,1", ["1-1", "3-1"]),
                ("page_size=2&page=3", ["5-1"]),
            ]
            for (query, ids) in cases {
                let answer = try await HTTPClient.ask(
                    "/open311/v2/servicerequestupdates.json?\(query)", port: server.port)
                let found = answer.body.matches(of: /"update_id":"([^"]+)"/).map { String($0.1) }
                #expect(answer.status == 200 && found == ids, "\(query)")
            }
            let page = try await HTTPClient.ask("/open311/v2/servicerequestupdates.xml?page_size=2", port: server.port)
            #expect(page.headers["x-total-count"] == "5" && page.headers["link"]?.contains("page=2") == true)
            #expect(page.body.contains("<service_request_updates><request_update><update_id>1-1</update_id>"))
            let wrong = try await HTTPClient.ask(
                "/open311/v2/servicerequestupdates.xml?start_date=now", port: server.port)
            #expect(wrong.status == 400)
        }
    }
}
