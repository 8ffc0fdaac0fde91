import Dashboard
import HTTPAPI
import Open311
import Telemetry
import Testing

@Suite struct RouteTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var path: String
        var status: Int
        var type: String
        /// What the body begins with.
        var begins: String
        var testDescription: String { path }

        init(_ path: String, _ status: Int, _ type: String, _ begins: String) {
            (self.path, self.status, self.type, self.begins) = (path, status, type, begins)
        }
    }

    private static let json = "application/json; charset=utf-8"
    private static let xml = "text/xml; charset=utf-8"
    private static let plain = "text/plain; charset=utf-8"
    private static let declaration = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"

    private static let found = [
        Case("/open311/v2/discovery.json", 200, json, #"{"changeset":"2026-11-21T20:34:05Z","#),
        Case("/open311/v2/discovery.xml", 200, xml, declaration + "<discovery>"),
        Case("/open311/v2/services.json", 200, json, #"[{"service_code":"water-leak","#),
        Case("/open311/v2/services.xml", 200, xml, declaration + "<services><service>"),
        Case("/open311/v2/services/bin-full.json", 200, json, #"{"service_code":"bin-full","attributes":[]}"#),
        Case("/open311/v2/services/bin-full.xml", 200, xml, declaration + "<service_definition>"),
        Case("/open311/v2/requests.json", 200, json, #"[{"service_request_id":"5","#),
        Case("/open311/v2/requests.xml", 200, xml, declaration + "<service_requests><request>"),
        Case("/open311/v2/requests/3.json", 200, json, #"[{"service_request_id":"3","#),
        Case("/open311/v2/requests/3.xml", 200, xml, declaration + "<service_requests><request>"),
        Case("/health/live", 200, json, #"{"live":true,"ready":true,"checks":[]}"#),
        Case("/health/ready", 200, json, #"{"live":true,"#),
        Case("/metrics", 200, "text/plain; version=0.0.4; charset=utf-8", "# "),
        Case("/", 200, "text/html; charset=utf-8", "<!doctype html>"),
        Case("/?utm=1", 200, "text/html; charset=utf-8", "<!doctype html>"),
        Case("/assets/core/main.js", 200, "text/javascript; charset=utf-8", "//"),
        Case("/assets/styles/base.css", 200, "text/css; charset=utf-8", "/*"),
        Case("/assets/icon.svg", 200, "image/svg+xml; charset=utf-8", "<svg"),
        Case("/assets/wards.geojson", 200, "application/geo+json; charset=utf-8", #"{"type":"#),
        Case("/assets/vendor/leaflet.min.js", 200, "text/javascript; charset=utf-8", "!function"),
    ]

    private static let notFound = [
        Case("/open311/v2/services/pothole.json", 404, json, #"[{"code":404,"#),
        Case("/open311/v2/services/pothole.xml", 404, xml, declaration + "<errors><error><code>404</code>"),
        Case("/open311/v2/requests/99.json", 404, json, #"[{"code":404,"#),
        Case("/open311/v2/requests/99.xml", 404, xml, declaration + "<errors>"),
        Case("/open311/v2/requests/abc.json", 404, json, #"[{"code":404,"#),
        Case("/open311/v2/requests/0.json", 404, json, #"[{"code":404,"#),
        Case("/open311/v2/requests/03.json", 404, json, #"[{"code":404,"#),
        Case("/open311/v2/requests/-3.json", 404, json, #"[{"code":404,"#),
        Case("/open311/v2/requests/99999999999999999999.json", 404, json, #"[{"code":404,"#),
        Case("/open311/v2/requests/.json", 404, json, #"[{"code":404,"#),
        Case("/open311/v2/requests/3/4.json", 404, json, #"[{"code":404,"#),
        Case("/open311/v2/requests", 404, xml, declaration + "<errors>"),
        Case("/open311/v2/requests.csv", 404, xml, declaration + "<errors>"),
        Case("/open311/v2/requests.JSON", 404, xml, declaration + "<errors>"),
        Case("/open311/v2/.json", 404, json, #"[{"code":404,"#),
        Case("/open311/v2/tokens/1.json", 404, json, #"[{"code":404,"#),
        Case("/open311/v1/requests.json", 404, json, #"[{"code":404,"#),
        Case("/nothing", 404, plain, "There is nothing"),
        Case("/health", 404, plain, "There is nothing"),
        Case("//", 404, plain, "There is nothing"),
        Case("//open311/v2/requests.json", 404, json, #"[{"code":404,"#),
        Case("/open311/v2//requests.json", 404, json, #"[{"code":404,"#),
        Case("/open311/v2/../v2/requests.json", 404, json, #"[{"code":404,"#),
        Case("/open311/v2/requests%2Ejson", 404, xml, declaration + "<errors>"),
        Case("/open311/v2/requests.json/", 404, xml, declaration + "<errors>"),
        Case("/open311/v2/requests/3.json%00", 404, xml, declaration + "<errors>"),
        Case("/assets/../../etc/passwd", 404, plain, "There is nothing"),
        Case("/assets/vendor/../../../../etc/passwd", 404, plain, "There is nothing"),
        Case("/assets/vendor/%2e%2e/%2e%2e/etc/passwd", 404, plain, "There is nothing"),
        Case("/assets/vendor//etc/passwd", 404, plain, "There is nothing"),
        Case("/assets/vendor/leaflet.min.js.map", 404, plain, "There is nothing"),
        Case("/assets/", 404, plain, "There is nothing"),
        Case("/%ff%fe", 404, plain, "There is nothing"),
    ]

    @Test func answersEveryPath() async throws {
        try await RunningServer.with(
            configure: { $0.wardsGeoJSON = Array(#"{"type":"FeatureCollection","features":[]}"#.utf8) }
        ) { server in
            for c in Self.found + Self.notFound {
                let answer = try await HTTPClient.ask(c.path, port: server.port)
                #expect(answer.status == c.status, "\(c.path)")
                #expect(answer.headers["content-type"] == c.type, "\(c.path)")
                #expect(answer.body.hasPrefix(c.begins), "\(c.path): \(answer.body.prefix(200))")
                #expect(answer.headers["content-length"] == String(answer.body.utf8.count), "\(c.path)")
                #expect(answer.headers["access-control-allow-origin"] == "*", "\(c.path)")
                #expect(answer.headers["sluice-now-ms"] == String(nowMs), "\(c.path)")
                #expect(answer.headers["x-content-type-options"] == "nosniff", "\(c.path)")
                #expect(answer.headers["referrer-policy"] == "no-referrer", "\(c.path)")
                #expect(answer.headers["content-security-policy"]?.hasPrefix("default-src 'self'; ") == true)
            }
        }
    }

    @Test func answersHEADAsGETWithoutTheBody() async throws {
        try await RunningServer.with { server in
            for path in Self.found.map(\.path) where !path.contains("wards") && path != "/metrics" {
                let get = try await HTTPClient.ask(path, port: server.port)
                let head = try await HTTPClient.ask(path, port: server.port, method: "HEAD")
                #expect(head.status == get.status, "\(path)")
                #expect(head.body.isEmpty, "\(path)")
                #expect(head.headers["content-length"] == get.headers["content-length"], "\(path)")
                #expect(head.headers["content-type"] == get.headers["content-type"], "\(path)")
            }
            let events = try await HTTPClient.ask("/api/events", port: server.port, method: "HEAD")
            #expect(events.status == 200)
            #expect(events.headers["content-type"] == "text/event-stream; charset=utf-8")
        }
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "PATCH", "TRACE"])
    func refusesToWrite(_ method: String) async throws {
        try await RunningServer.with { server in
            for path in ["/open311/v2/requests.json", "/", "/api/events", "/metrics"] {
                let answer = try await HTTPClient.ask(path, port: server.port, method: method)
                #expect(answer.status == 405, "\(path)")
                #expect(answer.headers["allow"] == "GET, HEAD, OPTIONS", "\(path)")
            }
            let xml = try await HTTPClient.ask("/open311/v2/requests.xml", port: server.port, method: method)
            #expect(xml.body.contains("<errors><error><code>405</code>"))
            let status = try await HTTPClient.ask("/nothing", port: server.port, method: method).status
            #expect(status == 404)
        }
    }

    @Test func answersAPreflight() async throws {
        try await RunningServer.with { server in
            let answer = try await HTTPClient.ask(
                "/open311/v2/requests.json", port: server.port, method: "OPTIONS",
                headers: ["Origin: https://example.org", "Access-Control-Request-Method: GET"])
            #expect(answer.status == 204)
            #expect(answer.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS")
        }
    }

    @Test func saysNothingNewToABrowserThatHasTheFile() async throws {
        try await RunningServer.with { server in
            let first = try await HTTPClient.ask("/assets/core/main.js", port: server.port)
            let tag = try #require(first.headers["etag"])
            let again = try await HTTPClient.ask(
                "/assets/core/main.js", port: server.port, headers: ["If-None-Match: \(tag)"])
            #expect(again.status == 304)
            #expect(again.body.isEmpty)
            let changed = try await HTTPClient.ask(
                "/assets/core/main.js", port: server.port, headers: ["If-None-Match: \"other\""])
            #expect(changed.status == 200)
        }
    }

    @Test func worksWithoutTheMapLibrary() async throws {
        try await RunningServer.with(configure: { $0.leafletDirectory = "/nonexistent" }) { server in
            let library = try await HTTPClient.ask("/assets/vendor/leaflet.min.js", port: server.port)
            #expect(library.status == 404)
            let page = try await HTTPClient.ask("/", port: server.port)
            #expect(page.status == 200)
        }
    }

    @Test func runsNoInlineScript() async throws {
        try await RunningServer.with { server in
            let page = try await HTTPClient.ask("/", port: server.port).body
            #expect(!page.contains("<script>"))
            #expect(!page.contains(" style="))
            #expect(page.firstMatch(of: /\son[a-z]+=/) == nil)
            for script in DashboardFile.all where script.name.hasSuffix(".js") {
                let text = String(decoding: script.bytes, as: UTF8.self)
                for way in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"] {
                    #expect(!text.contains(way), "\(script.name): \(way)")
                }
            }
        }
    }

    @Test func saysWhyItIsNotReady() async throws {
        let report = HealthReport(
            isLive: true, isReady: false,
            checks: [.init(name: "mqtt", isOK: false, detail: "no \"broker\"\n at localhost:1883")])
        try await RunningServer.with(health: report) { server in
            let ready = try await HTTPClient.ask("/health/ready", port: server.port)
            #expect(ready.status == 503)
            #expect(
                ready.body == #"{"live":true,"ready":false,"checks":[{"name":"mqtt","ok":false,"#
                    + #""detail":"no \"broker\"\n at localhost:1883"}]}"#)
            let status = try await HTTPClient.ask("/health/live", port: server.port).status
            #expect(status == 200)
        }
        try await RunningServer.with(health: HealthReport(isLive: false, isReady: false, checks: [])) { server in
            let status = try await HTTPClient.ask("/health/live", port: server.port).status
            #expect(status == 503)
        }
    }

    @Test func countsByRouteAndStatus() async throws {
        try await RunningServer.with { server in
            for path in ["/open311/v2/requests/3.json", "/open311/v2/requests/99.json", "/nothing/3"] {
                _ = try await HTTPClient.ask(path, port: server.port)
            }
            let text = try await HTTPClient.ask("/metrics", port: server.port).body
            let request = #"sluice_http_requests_total{route="/open311/v2/requests/{id}",status="#
            #expect(text.contains(request + #""2xx"} 1"#))
            #expect(text.contains(request + #""4xx"} 1"#))
            #expect(text.contains(#"sluice_http_requests_total{route="unknown",status="4xx"} 1"#))
            #expect(text.contains(#"sluice_http_request_seconds_count{route="/open311/v2/requests/{id}"} 2"#))
            #expect(text.contains("sluice_http_connections 1\n"))
        }
    }

    @Test func hidesWhyTheStoreFailed() async throws {
        try await RunningServer.with(SampleSource(isBroken: true)) { server in
            for path in ["/open311/v2/requests.json", "/open311/v2/requests/1.json"] {
                let answer = try await HTTPClient.ask(path, port: server.port)
                #expect(answer.status == 500)
                #expect(answer.body == #"[{"code":500,"description":"The server could not read its store."}]"#)
            }
        }
    }
}
