import Dashboard
import Foundation
import HTTPAPI
import Open311
import TestSupport
import Testing

@Suite struct PagesEndpointTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var path: String
        var status = 200
        /// What the answer must hold.
        var holds: String
        var testDescription: String { path }
    }

    @Test(arguments: [
        Case(path: "/api/map", holds: #""total":5,"totals":{"bin-full":2,"water-leak":3},"columns":["id","lat","#),
        Case(path: "/api/map?status=open", holds: #""total":3,"#),
        // What is of other services is told too, for the tiles that choose among them.
        Case(path: "/api/map?service_code=bin-full", holds: #""total":2,"totals":{"bin-full":2,"water-leak":3},"#),
        Case(path: "/api/map?ward=Aston", holds: #""total":0,"#),
        Case(path: "/api/map?severity=4", holds: #""total":0,"#),
        Case(path: "/api/map?measure=on_time", holds: #""total":5,"#),
        Case(path: "/api/map?measure=saved_litres", holds: #""total":0,"#),
        Case(path: "/api/map?parent=5", holds: #""total":0,"#),
        Case(path: "/api/map?parent=five", status: 400, holds: "parent: must be a whole number"),
        Case(path: "/api/map?measure=luck", status: 400, holds: "measure: must be one of requests, "),
        // Of any age: a figure of a year leads to a year's requests.
        Case(path: "/api/map?start_date=2020-01-01T00:00:00Z", holds: #""total":5,"#),
        Case(path: "/api/map?status=shut", status: 400, holds: "status: "),
        Case(path: "/api/sensors", holds: #"["<img src=x>/1","bin-fill",null,null,"#),
        Case(path: "/api/sensors", holds: #",12.5,null,["stuck"],["5"],null,false]"#),
        Case(
            path: "/api/sensor?id=flow",
            holds: #""streams":[{"quantity":"fill_pct","unit":"%","first":1000,"last":2000}]"#),
        Case(path: "/api/sensor?id=flow", holds: #""rules":["bin-full","silence","stuck","implausible","#),
        Case(path: "/api/sensor?id=%3Cimg%20src%3Dx%3E%2F1", holds: #""id":"<img src=x>/1""#),
        Case(path: "/api/sensor?id=nobody", status: 404, holds: "no sensor"),
        Case(path: "/api/sensor", status: 400, holds: "id: is missing"),
        Case(path: "/api/sensor/history?id=flow&from=5&to=9&points=20", holds: #""rows":[[5,2.0,1.0,3.0,20]]"#),
        Case(path: "/api/sensor/history?id=flow", holds: #""quantity":"flow_m3h""#),
        Case(path: "/api/sensor/history?id=flow&quantity=fill_pct", holds: #""unit":"%""#),
        Case(path: "/api/sensor/history?id=flow&quantity=weight", status: 400, holds: "quantity: must be one of"),
        Case(path: "/api/sensor/history?id=flow&from=9&to=5", status: 400, holds: "from: must not lie behind to"),
        Case(path: "/api/sensor/history?id=flow&points=9", status: 400, holds: "points: must be"),
        Case(path: "/api/sensor/history?id=flow&from=0x10", status: 400, holds: "from: must be"),
        Case(
            path: "/api/operations",
            holds: #""quarantine":[{"reason":"no_route","count":3},{"reason":"not_json","count":1}]"#),
        Case(path: "/api/operations", holds: #""payload":"<\#u{FFFD}""#),
        Case(path: "/assets/settings.json", holds: #"{"is_test":false,"time_zone":null,"tiles":null,"layers":[]}"#),
    ])
    func answersThePages(_ c: Case) async throws {
        try await RunningServer.with(pages: SampleSensors.two) { server in
            let answer = try await HTTPClient.ask(
                c.path, port: server.port, host: "localhost", headers: ["Accept: application/json"])
            #expect(answer.status == c.status)
            #expect(answer.body.contains(c.holds), "\(answer.body.prefix(600))")
        }
    }

    @Test func everyViewHasAnAddressAndOnlyThoseThatWriteNothingMayStandInFrames() async throws {
        try await RunningServer.with { server in
            for path in DashboardFile.pages {
                let page = try await HTTPClient.ask(path, port: server.port)
                #expect(page.status == 200 && page.body.hasPrefix("<!doctype html>"), "\(path)")
                let frames = ["/", "/trends", "/goals"].contains(path) ? "frame-ancestors *" : "frame-ancestors 'self'"
                #expect(page.headers["content-security-policy"]?.hasSuffix(frames) == true, "\(path)")
            }
        }
    }

    @Test func operationsAreNotForThoseBehindAProxy() async throws {
        try await RunningServer.with(pages: SampleSensors.two) { server in
            for header in ["X-Forwarded-For: 203.0.113.9", "Forwarded: for=203.0.113.9", "X-Real-IP: 203.0.113.9"] {
                let answer = try await HTTPClient.ask(
                    "/api/operations", port: server.port, host: "localhost", headers: [header])
                #expect(answer.status == 403, "\(header)")
                #expect(!answer.body.contains("a/b"))
            }
        }
    }

    /// A page of another site that stands in a browser on this machine calls from this machine, too.
    @Test(
        arguments: [
            (host: "127.0.0.1", origin: nil, isTrusted: true), ("LOCALHOST", nil, true), ("[::1]", nil, true),
            ("127.8.9.1", nil, true), ("127.0.0.1", "http://127.0.0.1", true),
            ("127.0.0.1", "https://evil.example", false), ("127.0.0.1", "http://localhost", false),
            ("127.0.0.1", "null", false), ("evil.example", nil, false), ("127.0.0.1.evil.example", nil, false),
            ("localhost.evil.example", nil, false), ("127.evil", nil, false), ("[::2]", nil, false),
        ] as [(host: String, origin: String?, isTrusted: Bool)])
    func operationsAreNotForOtherSitesPages(_ host: String, _ origin: String?, _ isTrusted: Bool) async throws {
        try await RunningServer.with(pages: SampleSensors.two) { server in
            let headers = origin.map { ["Origin: \($0)" + ($0.hasPrefix("http://") ? ":\(server.port)" : "")] } ?? []
            let answer = try await HTTPClient.ask("/api/operations", port: server.port, host: host, headers: headers)
            #expect(answer.status == (isTrusted ? 200 : 403))
        }
    }

    /// A stranger who guesses keys is locked out, and not the proxy through which everybody comes.
    @Test(arguments: [(["127.0.0.1"], "203.0.113.9"), ([], "127.0.0.1")])
    func whoGuessesKeysBehindAProxyIsTakenForHimself(proxies: [String], address: String) async throws {
        let desk = SampleDesk()
        try await RunningServer.with(
            pages: SampleSensors.two, desk: desk, configure: { $0.proxies = Set(proxies) }
        ) { server in
            let answer = try await HTTPClient.ask(
                "/api/operations", port: server.port, host: "localhost",
                headers: ["X-Forwarded-For: 10.1.1.1, 203.0.113.9", "Authorization: Bearer slk_guess"])
            #expect(answer.status == 403)
        }
        #expect(desk.taken.addresses == [address])
    }

    @Test func sensorsOfAServiceThatKeepsPlacesBackAreNotShownToOthers() async throws {
        var water = ServiceCatalog.standard.named(.waterLeak)
        water.visibility = .coarse(metres: 500)
        let services = ServiceCatalog.standard.published.map { $0.code == .waterLeak ? water : $0 }
        let view = PublicView(Disclosure(catalog: ServiceCatalog(services)) { "anon-\($0)" })
        try await RunningServer.with(pages: SampleSensors.two, view: view) { server in
            let outside = ["X-Forwarded-For: 203.0.113.9"]
            let seen = try await HTTPClient.ask("/api/sensors", port: server.port, headers: outside)
            #expect(seen.body.contains("bin-fill") && !seen.body.contains("\"flow\""))
            for path in ["/api/sensor?id=flow", "/api/sensor/history?id=flow"] {
                let answer = try await HTTPClient.ask(path, port: server.port, headers: outside)
                #expect(answer.status == 404, "\(path)")
            }
            let here = try await HTTPClient.ask("/api/sensors", port: server.port, host: "localhost")
            #expect(here.body.contains("\"flow\""))
        }
    }

    @Test func sensorsOfAServiceThatKeepsNamesBackAreFoundByTheirPseudonyms() async throws {
        var bins = ServiceCatalog.standard.named(.binFull)
        bins.visibility = .pseudonymous
        let services = ServiceCatalog.standard.published.map { $0.code == .binFull ? bins : $0 }
        let view = PublicView(Disclosure(catalog: ServiceCatalog(services)) { "anon-\($0.utf8.count)" })
        try await RunningServer.with(pages: SampleSensors.two, view: view) { server in
            let outside = ["X-Forwarded-For: 203.0.113.9"]
            let seen = try await HTTPClient.ask("/api/sensors", port: server.port, headers: outside)
            #expect(seen.body.contains("\"anon-13\"") && !seen.body.contains("img"))
            let found = try await HTTPClient.ask("/api/sensor?id=anon-13", port: server.port, headers: outside)
            #expect(found.status == 200 && found.body.hasPrefix(#"{"id":"anon-13","#))
            for id in ["anon-14", "%3Cimg%20src%3Dx%3E%2F1"] {
                let answer = try await HTTPClient.ask("/api/sensor?id=\(id)", port: server.port, headers: outside)
                #expect(answer.status == 404, "\(id)")
            }
        }
    }

    @Test func tilesAreTheOnlyOtherHostAPageMayAsk() async throws {
        try await RunningServer.with(configure: {
            $0.tiles = HTTPConfiguration.Tiles(url: "https://tiles.example.org/{z}/{x}/{y}.png", credit: "© Somebody")
        }) { server in
            let page = try await HTTPClient.ask("/", port: server.port)
            #expect(
                page.headers["content-security-policy"]?.contains("img-src 'self' data: https://tiles.example.org;")
                    == true)
            let settings = try await HTTPClient.ask("/assets/settings.json", port: server.port)
            #expect(
                settings.body.contains(
                    #""tiles":{"url":"https://tiles.example.org/{z}/{x}/{y}.png","credit":"© Somebody"}"#))
        }
        var odd = HTTPConfiguration()
        odd.tiles = HTTPConfiguration.Tiles(url: "javascript:alert(1)//{z}", credit: "")
        #expect(odd.problems().contains { $0.hasPrefix("http.tiles_url") })
    }

    @Test func layersAreServedUnderNumbers() async throws {
        try await RunningServer.with(configure: {
            $0.layers = [
                HTTPConfiguration.Layer(name: "Schools", geoJSON: Array(#"{"type":"FeatureCollection"}"#.utf8))
            ]
        }) { server in
            let settings = try await HTTPClient.ask("/assets/settings.json", port: server.port)
            #expect(settings.body.contains(#""layers":[{"name":"Schools","path":"/assets/layers/0.geojson"}]"#))
            let layer = try await HTTPClient.ask("/assets/layers/0.geojson", port: server.port)
            #expect(layer.headers["content-type"] == "application/geo+json; charset=utf-8")
        }
    }

    @Test func filesAreReadFromTheFolderWhileTheyAreEdited() async throws {
        let folder = try TestFolder()
        let file = URL(filePath: folder.path).appending(path: "core/main.js")
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("// edited".utf8).write(to: file)
        try await RunningServer.with(configure: { [path = folder.path] in $0.assetsDirectory = path }) { server in
            let edited = try await HTTPClient.ask("/assets/core/main.js", port: server.port)
            #expect(edited.body == "// edited")
            // What the folder doesn't have is as compiled.
            let other = try await HTTPClient.ask("/assets/styles/base.css", port: server.port)
            #expect(other.body.hasPrefix("/*"))
        }
    }
}
