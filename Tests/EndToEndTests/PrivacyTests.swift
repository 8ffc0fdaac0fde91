import Foundation
import IssueStorage
import MQTTSession
import Open311
import Synchronization
import TestSupport
import Testing

/// What a service keeps back, on every way out of the real daemon: read, streamed, exported, forwarded.
@Suite(.timeLimit(.minutes(5))) struct PrivacyTests {
    typealias Site = DaemonProcessTests.Site

    struct Case: Sendable, CustomTestStringConvertible {
        /// The service's visibility, as it is configured.
        var visibility: String
        /// What of the burning bin, or of the report beside it, must be found nowhere.
        var secrets: [String]
        /// What must be found, where it is not hidden.
        var shown: [String]
        /// Whether there is a chart for the public.
        var hasChart = false
        var testDescription: String { visibility }
    }

    static let always = ["Mary Zyxwv", "mary@zyxwv.example", "0121 496"]

    @Test(arguments: [
        Case(
            visibility: "visibility: pseudonymous", secrets: ["Qzbin"], shown: ["anon-", "Qzstreet", "52.512345"],
            hasChart: true),
        Case(
            visibility: "visibility: coarse, coarse_metres: 500",
            secrets: ["Qzbin", "Qzstreet", "Qzasset", "52.51234", "1.876543", "Qzreport", "Bin on fire"],
            shown: ["anon-", "Details are not public."]),
        Case(
            visibility: "visibility: hidden",
            secrets: [
                "Qzbin", "Qzstreet", "Qzasset", "52.51234", "1.876543", "Qzreport", "Bin on fire", "Qzname",
                "\"bin-full\"", ">bin-full<", "anon-",
            ], shown: []),
    ])
    func whatAServiceKeepsBackIsKeptBackOnEveryWayOut(_ c: Case) async throws {
        let site = try Site()
        let (webhook, city) = (try await ScriptedServer { _, _ in .answer(204, "") }, try await Self.otherCity())
        try Self.configure(site, c, webhook: webhook, city: city)
        let alerts = try Subscriber(Self.session(site.broker), topics: ["sluice/alerts/#"])
        let daemon = try await site.started(environment: ["HOOK_SECRET": "s3cret", "CITY_KEY": "k"])
        let key = try await CivicTests.key(site)
        let stream = try await EventStream(port: site.port, headers: ["X-Forwarded-For: 203.0.113.9"])

        // A bin burns, a person reports something of the same service elsewhere, and something that anyone may know.
        try site.publish([
            (
                "sluice/bin-fill/Qzbin-7",
                Array(#"{"ts":\#(Int(Date().timeIntervalSince1970)),"metrics":{"temperature_c":71.5}}"#.utf8)
            )
        ])
        let reader = try await Self.reader(site)
        try await eventually("the bin's request") {
            try await reader.requests(RequestQuery()).contains { $0.service == .binFull }
        }
        let fire = try #require(try await reader.requests(RequestQuery()).first).id
        let report = try CivicTests.id(
            await CivicTests.report(
                site,
                [
                    "api_key": key, "service_code": "bin-full", "lat": "52.55", "long": "-1.876543",
                    "address_string": "9 Qzstreet", "description": "Qzreport: it smells", "first_name": "Mary Zyxwv",
                    "email": "mary@zyxwv.example", "phone": "0121 496 0000",
                ]))
        let open = try CivicTests.id(
            await CivicTests.report(site, ["api_key": key, "description": "In the open", "lat": "52.6"]))
        let update = try await HTTPAnswer.post(
            "\(site.address)/open311/v2/servicerequestupdates.json",
            form: ["api_key": key, "service_request_id": report, "description": "Qzreport: seen", "status": "PLANNED"])
        #expect(update.status == 200, "\(update.text)")
        try await eventually("everything is told") {
            try await reader.outboxStandings().allSatisfy { $0.queued == 0 }
        }
        try await eventually("the live stream tells of the open one") { stream.text.contains("In the open") }

        var ways = try await Self.ways(site, ids: [String(fire), report, open])
        ways["live stream"] = stream.text
        ways["webhook"] = webhook.calls.map(\.text).joined(separator: "\n")
        ways["another city"] = city.calls.map { "\($0.form)" }.joined(separator: "\n")
        ways["alerts"] = alerts.messages.map { "\($0.topic) \(String(decoding: $0.payload, as: UTF8.self))" }
            .joined(separator: "\n")
        for (way, text) in ways {
            for secret in c.secrets + Self.always { #expect(!text.contains(secret), "\(secret): \(way): \(text)") }
        }
        // Each way does tell what it may.
        for way in [
            "requests.json?extensions=true", "requests.xml", "servicerequestupdates.json", "/export/requests.csv",
            "/export/requests.geojson", "/export/requests.ndjson", "/api/map", "live stream", "webhook", "another city",
            "alerts",
        ] {
            #expect(
                ways[way]?.contains(way.contains("updates") ? "\"\(open)\"" : "In the open") == true,
                "\(way): \(ways[way] ?? "")")
        }
        for sign in c.shown {
            #expect(ways["requests.json?extensions=true"]?.contains(sign) == true, "\(sign)")
            #expect(ways["webhook"]?.contains(sign) == true, "\(sign)")
        }
        let chart = try await HTTPAnswer.get("\(site.address)/media/requests/\(fire).png")
        #expect(chart.status == (c.hasChart ? 200 : 404))
        // The staff of this machine sees all of it.
        let staff = try await SluiceProcess.run(["requests", "list", "--data", "\(site.folder)/data"])
        #expect(staff.output.contains("Bin on fire"), "\(staff.output)")
        daemon.send(SIGTERM)
        try await daemon.expectExit(0)
    }

    /// A key that may only report is anybody's: the pages give one to everybody. What is kept back is not found by reporting.
    @Test func whoMayOnlyReportLearnsNothingByReporting() async throws {
        let site = try Site()
        try """
        sensor_id,kind,lat,lon,ward,address,asset
        Qzbin-7,bin-fill,52.512345,-1.876543,Aston,7 Qzstreet,Qzasset-7
        Qzloop-1,traffic,52.52,-1.88,Aston,,

        """.write(toFile: "\(site.folder)/sensors.csv", atomically: true, encoding: .utf8)
        try site.configure(
            extra: """
                sensors:
                  file: \(site.folder)/sensors.csv
                services:
                  - {code: secret, name: Secret, agency: Qzagency, visibility: hidden}
                  - {code: pot-hole, name: Pot hole}
                  - {code: bin-full, name: Bins, visibility: hidden}
                """)
        let daemon = try await site.started()
        let anybody = try await CivicTests.key(site, named: "anybody", roles: ["report"])
        let staff = try await CivicTests.key(site, named: "staff")
        let now = Int(Date().timeIntervalSince1970)
        try site.publish([
            ("sluice/bin-fill/Qzbin-7", Array(#"{"ts":\#(now),"value":20}"#.utf8)),
            ("sluice/traffic/Qzloop-1", Array(#"{"ts":\#(now),"metrics":{"speed_kmh":50}}"#.utf8)),
        ])
        _ = try await site.metric("sluice_readings_total 2")

        // A service that is hidden is not there for them, and neither is who runs it.
        let guessed = try await CivicTests.report(site, ["api_key": anybody, "service_code": "secret"])
        #expect(guessed.status == 404 && !guessed.text.contains("Qzagency"), "\(guessed.text)")
        let filed = try await CivicTests.report(site, ["api_key": staff, "service_code": "secret"])
        #expect(filed.status == 200 && filed.text.contains("Qzagency has your report."), "\(filed.text)")

        // Whose pseudonym is whose is not told by reporting under a sensor's name.
        func sensorOfReport(by key: String) async throws -> String? {
            let id = try CivicTests.id(
                await CivicTests.report(
                    site,
                    [
                        "api_key": key, "service_code": "traffic-anomaly", "lat": "10", "long": "10",
                        "device_id": "Qzloop-1",
                    ]))
            let shown = try await HTTPAnswer.get("\(site.address)/open311/v2/requests/\(id).json?extensions=true")
            let attributes = shown.objects.first?["extended_attributes"] as? [String: Any]
            return attributes?["sensor_id"] as? String
        }
        #expect(try await sensorOfReport(by: anybody) == nil)
        #expect(try await sensorOfReport(by: staff)?.hasPrefix("anon-") == true)

        // Where an asset stands is not told by reporting it.
        let probe = ["service_code": "pot-hole", "service_object_id": "Qzasset-7", "lat": "", "long": ""]
        let asked = try await CivicTests.report(site, probe.merging(["api_key": anybody]) { $1 })
        #expect(asked.status == 400 && !asked.text.contains("Qz"), "\(asked.text)")
        let placed = try await CivicTests.report(site, probe.merging(["api_key": staff]) { $1 })
        let shown = try await HTTPAnswer.get("\(site.address)/open311/v2/requests/\(CivicTests.id(placed)).json")
        #expect(shown.objects.first?["lat"] as? Double == 52.512345)
        daemon.send(SIGTERM)
        try await daemon.expectExit(0)
    }

    // MARK: - Ways out

    /// What anyone can read, by where.
    private static func ways(_ site: Site, ids: [String]) async throws -> [String: String] {
        let all = ids.joined(separator: ",")
        let geoReport = [
            "requests.json", "requests.xml", "requests.json?extensions=true", "requests.xml?extensions=true",
            "requests.json?service_request_id=\(all)&extensions=true", "requests.json?bbox=-1.9,52.51,-1.87,52.56",
            "requests.json?lat=52.512345&long=-1.876543&radius=50", "servicerequestupdates.json",
            "servicerequestupdates.xml?service_request_id=\(all)", "services.json", "services.xml",
        ]
        var paths = [
            "/api/map", "/api/sensors", "/api/sensor?id=Qzbin-7",
            "/api/sensor/history?id=Qzbin-7&quantity=temperature_c", "/api/assets", "/api/measures",
            "/api/measures?by=ward", "/api/hotspots", "/api/hotspots?days=91", "/export/requests.csv",
            "/export/requests.geojson", "/export/requests.ndjson", "/export/requests.ndjson?as_of=2100-01-01T00:00:00Z",
            "/export/", "/metrics", "/health/ready",
        ]
        for id in ids {
            paths.append("/open311/v2/requests/\(id).json?extensions=true")
            paths.append("/open311/v2/requests/\(id).xml?extensions=true")
            paths.append("/api/requests/\(id)/evidence")
        }
        var ways: [String: String] = [:]
        for name in geoReport + paths {
            let path = name.hasPrefix("/") ? name : "/open311/v2/\(name)"
            // As a stranger comes: through a proxy.
            let answer = try await HTTPAnswer.get(site.address + path, headers: ["X-Forwarded-For": "203.0.113.9"])
            ways[name] = answer.text
        }
        return ways
    }

    private static func configure(_ site: Site, _ c: Case, webhook: ScriptedServer, city: ScriptedServer) throws {
        try """
        sensor_id,kind,lat,lon,ward,address,asset
        Qzbin-7,bin-fill,52.512345,-1.876543,Aston,7 Qzstreet,Qzasset-7

        """.write(toFile: "\(site.folder)/sensors.csv", atomically: true, encoding: .utf8)
        try site.configure(
            extra: """
                sensors:
                  file: \(site.folder)/sensors.csv
                services:
                  - {code: bin-full, name: Qzname, \(c.visibility)}
                forwarding:
                  destinations:
                    - {name: desk, kind: webhook, url: "\(webhook.url)/hook", secret_env: HOOK_SECRET}
                    - {name: city, kind: georeport, url: "\(city.url)/v2", api_key_env: CITY_KEY}
                    - name: alerts
                      kind: mqtt
                      broker:
                        host: 127.0.0.1
                        port: \(site.broker.port)
                        username: \(site.broker.username)
                        password_env: BROKER_PASSWORD
                """)
    }

    private static func reader(_ site: Site) async throws -> IssueReader {
        try IssueReader(directory: "\(site.folder)/data")
    }

    private static func session(_ broker: TestBroker) -> SessionConfiguration { broker.session(clientID: "listener") }

    /// A server that takes whatever it is told.
    private static func otherCity() async throws -> ScriptedServer {
        try await ScriptedServer { call, before in
            call.path.contains("servicerequestupdates")
                ? .answer(200, #"[{"update_id":"\#(before)"}]"#)
                : .answer(200, #"[{"service_request_id":"\#(before + 100)"}]"#)
        }
    }
}
