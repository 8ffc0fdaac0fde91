import Foundation
import GRDB
import HTTPAPI
import NIOCore
import Open311
import TestSupport
import Testing

/// `/export/requests.…`, as those meet it who load the data.
@Suite(.timeLimit(.minutes(2))) struct ExportRouteTests {
    private func get(_ path: String, _ server: RunningServer) async throws -> HTTPAnswer {
        try await HTTPAnswer.get("http://127.0.0.1:\(server.port)\(path)")
    }

    private func with(
        _ store: SampleStore, _ body: @Sendable @escaping (RunningServer) async throws -> Void
    ) async throws {
        try await RunningServer.with(store.reader, view: SampleStore.view, store: store.reader) { try await body($0) }
    }

    @Test func csvIsRFC4180AndHoldsNoFormula() async throws {
        try await with(try .awkward()) { server in
            let answer = try await get("/export/requests.csv", server)
            #expect(answer.type == "text/csv; charset=utf-8; header=present")
            let rows = try CSVTable(answer.text).rows
            let names = ExportColumn.allCases.map(\.rawValue)
            #expect(rows.first == names)
            #expect(rows.allSatisfy { $0.count == names.count })
            let records = rows.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(names, $0)) }
            #expect(records.map { $0["service_request_id"] } == ["1", "2", "3", "4"])
            let leak = try #require(records.first)
            #expect(leak["title"] == #"'=HYPERLINK("http://evil.example","Open me")"#)
            #expect(leak["description"] == "One, \"two\",\r\nthree\u{1} 🚰 ė̄")
            #expect(leak["status_notes"] == "'-1+1" && leak["address"] == "'@SUM(A1:A9)")
            // Numbers stay numbers, also below zero.
            #expect(leak["long"] == "-1.9" && leak["estimate_low"] == "600.5" && leak["confidence"] == "0.25")
            #expect(leak["requested_datetime"] == "2026-11-16T01:00:00Z")
            #expect(
                records[1]["ward"] == "Lady, wood" && records[1]["lat"] == "" && records[1]["detector_version"] == "")
            #expect(records[1]["closed_datetime"] == "2026-11-16T05:00:00Z" && records[1]["word"] == "fixed")
        }
    }

    /// Runs `body` while so many exports are under way that nobody reads.
    private static func whileNobodyReads(
        _ count: Int, _ server: RunningServer, _ body: @Sendable @escaping () async throws -> Void
    ) async throws {
        guard count > 0 else { return try await body() }
        try await HTTPClient.open(port: server.port) { inbound, send in
            try await send("GET /export/requests.ndjson HTTP/1.1\r\nHost: t\r\n\r\n")
            var inbound = inbound.makeAsyncIterator()
            _ = try await inbound.next()
            try await whileNobodyReads(count - 1, server, body)
        }
    }

    /// More than fits between the two ends of a connection.
    private static func large() throws -> SampleStore {
        let text = String(repeating: "x", count: 100_000)
        return try SampleStore(
            (1...200).map { id in
                SampleStore.History(SampleStore.request(Int64(id), .waterLeak, hours: 1) { $0.description = text })
            })
    }

    @Test func eightExportsAreUnderWayAtATime() async throws {
        let store = try Self.large()
        try await with(store) { server in
            try await Self.whileNobodyReads(8, server) {
                let ninth = try await HTTPClient.ask("/export/requests.csv?service_code=bin-full", port: server.port)
                #expect(ninth.status == 429 && ninth.headers["retry-after"] == "30", "\(ninth.status)")
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func whoTakesNothingOfAnExportHoldsItsPlaceForATime() async throws {
        let store = try Self.large()
        try await RunningServer.with(
            store.reader, view: SampleStore.view, store: store.reader,
            configure: { $0.readerPatience = .milliseconds(100) }
        ) { server in
            try await Self.whileNobodyReads(8, server) {
                try await eventually("there is a place again") {
                    try await HTTPClient.ask("/export/requests.csv?service_code=bin-full", port: server.port).status
                        == 200
                }
            }
        }
    }

    @Test func thePageFindsEverythingThatItNames() async throws {
        try await with(try .awkward()) { server in
            let page = try await get("/export/", server)
            let links = page.text.matches(of: /href="([^"]+)"/).map { String($0.1) }
            #expect(links.contains { $0.hasSuffix(".css") })
            for link in links { #expect(try await get(link, server).status == 200, "\(link)") }
        }
    }

    @Test func geoJSONIsAFeatureCollectionWithLongitudeFirst() async throws {
        try await with(try .awkward()) { server in
            let answer = try await get("/export/requests.geojson", server)
            #expect(answer.type == "application/geo+json")
            let collection = try #require(answer.json as? [String: Any])
            #expect(collection["type"] as? String == "FeatureCollection")
            let features = try #require(collection["features"] as? [[String: Any]])
            #expect(features.map { $0["id"] as? String } == ["1", "2", "3", "4"])
            #expect(features.allSatisfy { $0["type"] as? String == "Feature" })
            let point = try #require(features[0]["geometry"] as? [String: Any])
            #expect(point["type"] as? String == "Point" && point["coordinates"] as? [Double] == [-1.9, 52.5])
            #expect(features[1]["geometry"] is NSNull)
            let names = Set(ExportColumn.allCases.map(\.rawValue))
            for feature in features {
                #expect(Set((feature["properties"] as? [String: Any] ?? [:]).keys) == names)
            }
            let properties = try #require(features[0]["properties"] as? [String: Any])
            // A formula is a formula to spreadsheets alone.
            #expect((properties["title"] as? String)?.hasPrefix("=HYPERLINK") == true)
            #expect(properties["severity"] as? Int == 4 && properties["estimate"] as? Double == 900)
            #expect(properties["closed_datetime"] is NSNull)
        }
    }

    @Test func ndjsonIsOneObjectALine() async throws {
        try await with(try .awkward()) { server in
            let answer = try await get("/export/requests.ndjson", server)
            #expect(answer.type == "application/x-ndjson; charset=utf-8")
            #expect(answer.text.hasSuffix("}\n"))
            let lines = answer.text.split(separator: "\n")
            let objects = try lines.map {
                try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            }
            #expect(objects.map { $0["service_request_id"] as? String } == ["1", "2", "3", "4"])
            #expect(objects[0]["description"] as? String == "One, \"two\",\r\nthree\u{1} 🚰 ė̄")
            #expect(objects[1]["people"] as? Int == 1 && objects[1]["lat"] is NSNull)
        }
    }

    @Test(arguments: ["csv", "geojson", "ndjson"])
    func whatServicesKeepBackIsKeptBack(_ kind: String) async throws {
        try await with(try .awkward()) { server in
            for query in ["", "?as_of=2100-01-01T00:00:00Z", "?service_request_id=3,4,5"] {
                let text = try await get("/export/requests.\(kind)\(query)", server).text
                for secret in ["Qzsensor-3", "Qzwords", "Qzstreet", "Qzhidden", "safeguarding", "Safeguarding"] {
                    #expect(!text.contains(secret), "\(secret) in \(query): \(text)")
                }
                #expect(text.contains("Slow traffic at anon-0") && text.contains("graffiti"), "\(query)")
            }
            #expect(try await get("/export/requests.\(kind)?service_code=safeguarding", server).status == 400)
        }
    }

    @Test func aFileIsCompressedAndSoIsAnAnswerToWhoTakesIt() async throws {
        try await with(try .awkward()) { server in
            let plain = try await get("/export/requests.ndjson", server)
            let file = try await get("/export/requests.ndjson.gz", server)
            #expect(file.type == "application/gzip")
            #expect(try await Self.unzipped(file.body) == plain.body)
            for (accepted, isZipped) in [
                ("gzip", true), ("br;q=1.0, gzip;q=0.5", true), ("identity", false), ("gzip;q=0", false), ("", false),
            ] {
                let answer = try await HTTPClient.ask(
                    "/export/requests.csv", port: server.port, headers: ["Accept-Encoding: \(accepted)"])
                #expect(answer.headers["content-encoding"] == (isZipped ? "gzip" : nil), "\(accepted)")
                #expect(answer.headers["vary"] == "Accept-Encoding")
            }
            let head = try await HTTPClient.ask("/export/requests.csv.gz", port: server.port, method: "HEAD")
            #expect(head.status == 200 && head.body.isEmpty)
            #expect(head.headers["content-disposition"] == "attachment; filename=\"requests.csv.gz\"")
        }
    }

    @Test(arguments: [
        ("", ["1", "2", "3", "4"]), ("status=open", ["1", "3", "4"]), ("status=closed", ["2"]),
        ("service_code=bin-full,water-leak", ["1", "2"]), ("ward=Aston", ["1", "3", "4"]),
        ("ward=Nowhere", []), ("severity=4", ["1"]), ("severity=1", ["1", "2", "3", "4"]),
        ("start_date=2026-11-16T02:00:00Z&end_date=2026-11-16T03:00:00Z", ["2", "3"]),
        ("updated_after=2026-11-16T05:00:00Z", ["2"]), ("updated_before=2026-11-16T02:00:00Z", ["1"]),
        // Whose places are told only roughly is not found by place.
        ("bbox=-2,52,-1,53", ["1", "3"]), ("lat=52.5&long=-1.9&radius=10", ["1", "3"]),
        ("service_request_id=2,4,5", ["2", "4"]),
        ("as_of=2026-11-16T00:59:59Z", []), ("as_of=2026-11-16T01:00:00Z", ["1"]),
        ("as_of=2026-11-16T04:59:59Z&status=open", ["1", "2", "3", "4"]),
        ("as_of=2026-11-16T05:00:00Z&status=open", ["1", "3", "4"]),
    ])
    func theFiltersAreThoseOfTheList(_ query: String, _ ids: [String]) async throws {
        try await with(try .awkward()) { server in
            let found = try await get("/export/requests.csv?\(query)", server)
            #expect(try CSVTable(found.text).rows.dropFirst().map { $0[0] } == ids, "\(found.text)")
        }
    }

    @Test func whatWasKnownBeforeAChangeIsShownAsItWas() async throws {
        try await with(try .awkward()) { server in
            func bin(_ asOf: String) async throws -> [String: Any]? {
                let text = try await get("/export/requests.ndjson?as_of=\(asOf)&service_code=bin-full", server).text
                return try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            }
            let before = try #require(try await bin("2026-11-16T04:59:59Z"))
            #expect(before["status"] as? String == "open" && before["closed_datetime"] is NSNull)
            #expect(before["acknowledged_datetime"] as? String == "2026-11-16T03:00:00Z")
            let after = try #require(try await bin("2026-11-16T05:00:00Z"))
            #expect(after["status"] as? String == "closed" && after["status_notes"] as? String == "Emptied.")
        }
    }

    @Test(arguments: [
        ("requests.csv?as_of=yesterday", 400, "as_of: must be a date"),
        ("requests.csv?severity=5", 400, "severity: must be"),
        ("requests.csv?severity=0x1", 400, "severity: must be"), ("requests.csv?bbox=1,2,3", 400, "bbox: must be"),
        ("requests.csv?status=fixed", 400, "status: must be of"), ("requests.csv?lat=nan&long=1", 400, "lat: must be"),
        ("requests.xlsx", 404, "There are requests.csv"), ("requests.csv.gz.gz", 404, "There are requests.csv"),
        ("requests", 404, "nothing at this path"),
    ])
    func whatMakesNoSenseIsRefused(_ path: String, _ status: Int, _ reason: String) async throws {
        try await with(try .awkward()) { server in
            let answer = try await get("/export/\(path)", server)
            #expect(answer.status == status && answer.text.contains(reason), "\(answer.status) \(answer.text)")
            #expect(answer.text.hasPrefix(#"[{"code":\#(status),"description":""#), "\(answer.text)")
        }
    }

    @Test func aPageTellsWhatTheColumnsMean() async throws {
        try await with(try .awkward()) { server in
            let page = try await get("/export/", server)
            #expect(page.type == "text/html; charset=utf-8")
            for column in ExportColumn.allCases { #expect(page.text.contains(column.rawValue), "\(column)") }
        }
    }

    @Test func readersWhoDoNotReadHoldNobodyUpAndLeaveTheirPlaces() async throws {
        // More than sockets take: some 40 MB.
        let store = try SampleStore([]) { db in
            try db.execute(
                sql: """
                    WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 5000)
                    INSERT INTO request (id, incident_key, service, status, status_notes, title, description, notice, \
                    requested_at, updated_at, severity, first_seen, last_seen, detector, detector_version, sensor_id, \
                    sensor_count, unit)
                    SELECT n, n, 'bin-full', 'open', '', '', printf('%.*c', 8000, 'x'), '', n, n, 2, 0, 0, '', 1, '', 1, ''
                    FROM n
                    """)
        }
        try await with(store) { server in
            let port = server.port
            let request = "GET /export/requests.ndjson HTTP/1.1\r\nHost: test\r\n\r\n"
            try await withThrowingTaskGroup(of: Void.self) { group in
                let (stops, stop) = AsyncStream.makeStream(of: Void.self)
                let (begun, begin) = AsyncStream.makeStream(of: Void.self)
                for _ in 0..<8 {
                    group.addTask {
                        try await HTTPClient.open(port: port) { chunks, send in
                            try await send(request)
                            var iterator = chunks.makeAsyncIterator()
                            let head = try await iterator.next().map { String(buffer: $0) } ?? ""
                            #expect(head.hasPrefix("HTTP/1.1 200"), "\(head.prefix(200))")
                            begin.yield()
                            for await _ in stops {}
                        }
                    }
                }
                var count = 0
                for await _ in begun {
                    count += 1
                    if count == 8 { break }
                }
                let ninth = try await HTTPClient.ask("/export/requests.ndjson", port: port)
                #expect(ninth.status == 429 && ninth.headers["retry-after"] == "30", "\(ninth.status)")
                // Others are answered as ever.
                let list = try await HTTPClient.ask("/open311/v2/services.json", port: port)
                #expect(list.status == 200)
                stop.finish()
                try await group.waitForAll()
            }
            try await eventually("the places are free again") {
                try await HTTPClient.ask("/export/requests.ndjson?severity=4", port: port).status == 200
            }
        }
    }

    /// What `gzip` makes of it.
    private static func unzipped(_ bytes: Data) async throws -> Data {
        let folder = try TestFolder()
        let path = folder.path + "/export.gz"
        try bytes.write(to: URL(filePath: path))
        return try await withDeadline(.seconds(30), "gzip") {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    let (process, pipe) = (Process(), Pipe())
                    process.executableURL = URL(filePath: "/bin/gzip")
                    process.arguments = ["-dc", path]
                    process.standardOutput = pipe
                    guard (try? process.run()) != nil else { return continuation.resume(returning: nil) }
                    let content = pipe.fileHandleForReading.readDataToEndOfFile()
                    process.waitUntilExit()
                    continuation.resume(returning: process.terminationStatus == 0 ? content : nil)
                }
            }
        }
    }
}
