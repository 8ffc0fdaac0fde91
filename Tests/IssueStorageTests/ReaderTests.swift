import Foundation
import GRDB
import Incidents
import IssueStorage
import Open311
import Readings
import Testing

@Suite struct ReaderTests {
    /// Requests 1–6: an hour apart, but 3 and 4 at the same time.
    static let stored: [ServiceRequest] = [
        request(1, service: .waterLeak, status: .closed, atMs: midnightMs),
        request(2, service: .binFull, atMs: midnightMs + 3_600_000),
        request(3, service: .waterLeak, atMs: midnightMs + 7_200_000),
        request(4, service: .trafficAnomaly, status: .closed, atMs: midnightMs + 7_200_000),
        request(5, service: .waterLeak, atMs: midnightMs + 10_800_000),
        request(6, service: .sensorFault, atMs: midnightMs + 14_400_000),
    ]

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var ids: [Int64]
        var query: @Sendable (inout RequestQuery) -> Void
    }

    @Test(arguments: [
        Case(testDescription: "all, newest first, then by id", ids: [6, 5, 4, 3, 2, 1]) { _ in },
        Case(testDescription: "by ids, unknown ones left out", ids: [5, 2]) { $0.ids = [2, 5, 99] },
        Case(testDescription: "no ids match nothing", ids: []) { $0.ids = [] },
        Case(testDescription: "one service", ids: [5, 3, 1]) { $0.services = [.waterLeak] },
        Case(testDescription: "two services", ids: [6, 5, 3, 1]) { $0.services = [.waterLeak, .sensorFault] },
        Case(testDescription: "open", ids: [6, 5, 3, 2]) { $0.statuses = [.open] },
        Case(testDescription: "closed", ids: [4, 1]) { $0.statuses = [.closed] },
        Case(testDescription: "open or closed", ids: [6, 5, 4, 3, 2, 1]) { $0.statuses = [.open, .closed] },
        Case(testDescription: "from, inclusive", ids: [6, 5, 4, 3]) { $0.requestedFromMs = midnightMs + 7_200_000 },
        Case(testDescription: "from, a millisecond later", ids: [6, 5]) {
            $0.requestedFromMs = midnightMs + 7_200_001
        },
        Case(testDescription: "to, inclusive", ids: [4, 3, 2, 1]) { $0.requestedToMs = midnightMs + 7_200_000 },
        Case(testDescription: "to, a millisecond earlier", ids: [2, 1]) { $0.requestedToMs = midnightMs + 7_199_999 },
        Case(testDescription: "updated since", ids: [6, 5]) { $0.updatedFromMs = midnightMs + 10_800_000 },
        Case(testDescription: "updated until", ids: [1]) { $0.updatedToMs = midnightMs },
        Case(testDescription: "all conditions hold at once", ids: [5]) {
            $0.services = [.waterLeak]
            $0.statuses = [.open]
            $0.requestedFromMs = midnightMs + 7_200_001
        },
        Case(testDescription: "the newest three", ids: [6, 5, 4]) { $0.limit = 3 },
        Case(testDescription: "the page after", ids: [3, 2, 1]) {
            $0.limit = 3
            $0.offset = 3
        },
        Case(testDescription: "none", ids: []) { $0.limit = 0 },
    ])
    func requestsMatchAQuery(_ c: Case) async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try directory.commitOnce { $0.requests = Self.stored }
        let reader = try IssueReader(directory: directory.path)
        var query = RequestQuery()
        c.query(&query)
        #expect(try await reader.requests(query).map(\.id) == c.ids)
        query.limit = 1000
        query.offset = 0
        let count = try await reader.requestCount(query)
        #expect(try await reader.requests(query).count == count)
        // Counting ends where there are more than was asked for.
        #expect(try await reader.page(query, countingUpTo: count).total == count)
        if count > 0 { #expect(try await reader.page(query, countingUpTo: count - 1).total == nil) }
    }

    @Test func newestFirstNeedsNoSort() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try directory.store().stop()
        let database = try DatabaseQueue(path: directory.database)
        for condition in ["TRUE", "status = 'open'", "service = 'bin-full' AND requested_at >= 5"] {
            let plan = try database.read { db in
                try Row.fetchAll(
                    db,
                    sql: """
                        EXPLAIN QUERY PLAN SELECT * FROM request WHERE \(condition)
                        ORDER BY requested_at DESC, id DESC LIMIT 9
                        """
                ).map { $0["detail"] as String }.joined(separator: "; ")
            }
            #expect(plan.contains("USING INDEX request_by_"), "\(condition): \(plan)")
            #expect(!plan.contains("TEMP B-TREE"), "\(condition): \(plan)")
        }
    }

    @Test func oneSensorsReadingsOfAStretch() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try directory.commitOnce { batch in
            batch.newSensors = [newSensor(1, number: 0, id: "a"), newSensor(2, number: 1, id: "b")]
            // A reading a minute of each, and one of `a` that came three hours late.
            batch.readings = (0..<300).map {
                reading(10 + 3 * $0, sensor: UInt32($0 % 2), atMs: midnightMs + $0 * 60_000, value: Double($0))
            }
            var late = reading(5000, sensor: 0, atMs: midnightMs + 7_230_000, value: -1, flags: .late)
            late.reading.arrivedAtMs = midnightMs + 18_000_000
            batch.readings.append(late)
        }
        let reader = try IssueReader(directory: directory.path)
        func values(_ sensor: String, _ from: Int64, _ to: Int64, _ limit: Int = 1000) async throws -> [Double] {
            try await reader.readings(
                sensor: sensor, from: midnightMs + from * 60_000, to: midnightMs + to * 60_000, limit: limit
            ).map(\.value)
        }
        #expect(try await values("a", 118, 122) == [118, 120, 122, -1])
        #expect(try await values("b", 117, 121) == [117, 119, 121])
        #expect(try await values("a", 118, 122, 2) == [122, -1])
        #expect(try await values("a", 0, 0) == [0])
        #expect(try await values("a", 298, 1000) == [298])
        #expect(try await values("a", 2000, 3000) == [])
        #expect(try await values("nobody", 0, 1000) == [])
        let all = try await reader.readings(sensor: "a", from: .min, to: .max, limit: 1000)
        #expect(all.count == 151)
    }

    @Test func aReaderMayComeBeforeTheDaemon() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let reader = try IssueReader(directory: directory.path)
        #expect(reader.databaseBytes() == 0)
        await #expect(throws: StorageError.missing(path: directory.database)) {
            try await reader.requests(RequestQuery())
        }
        let run = StoreRun(try directory.store())
        run.submit { $0.requests = Self.stored }
        run.waitForCommits(1)
        #expect(try await reader.requests(RequestQuery()).count == 6)
        #expect(reader.databaseBytes() > 4096)
        run.end()
        #expect(try await reader.requests(RequestQuery()).count == 6)
    }

    @Test func aDatabaseThatIsOnlyBeingCreatedCountsAsMissing() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
        // What a daemon leaves between turning the write-ahead log on and creating its tables.
        try DatabaseQueue(path: directory.database).writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA journal_mode = WAL; CREATE TABLE x (y); DROP TABLE x")
        }
        #expect(throws: Never.self) { try IssueReader(directory: directory.path) }
    }
}
