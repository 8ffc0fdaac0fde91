import Foundation
import GRDB
import Incidents
import IssueStorage
import Logging
import Open311
import Readings
import SPSCRing
import Telemetry
import TestSupport
import Testing

/// Disk use is bounded, and a disk that is full of readings still files requests.
@Suite struct SpaceTests {
    static func usedBytes(_ tools: SteppedStore.Tools) throws -> Int {
        let pages = try Int.fetchOne(tools.db, sql: "PRAGMA page_count") ?? 0
        let free = try Int.fetchOne(tools.db, sql: "PRAGMA freelist_count") ?? 0
        return (pages - free) * 4096
    }

    /// A day of 20 sensors that send what can't be compressed, each minute, and its snapshot.
    static func commitDay(_ day: Int64, _ tools: SteppedStore.Tools) throws {
        try tools.commit { batch in
            batch.newSensors = (0..<20).map { newSensor(-20 + Int64($0), number: UInt32($0), id: "s\($0)") }
            batch.readings = (Int64(0)..<1440 * 20).map { step in
                let sequence = day * 40_000 + step + 1
                return reading(
                    sequence, sensor: UInt32(step % 20), atMs: midnightMs + day * 86_400_000 + step / 20 * 60_000,
                    value: sin(Double(sequence)))
            }
        }
        try tools.save(turn: day + 1, upTo: day * 40_000 + 1440 * 20)
        try tools.settle()
    }

    @Test func theOldestHistoryGoesWhenTheBoundIsNear() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let events = LogEvents()
        var store = SteppedStore(directory: directory)
        store.configuration.maximumBytes = 5 << 20
        store.logger = Logger(label: "test") { _ in events }
        try store.run { tools in
            try tools.commit { $0.requests = [request(1), request(2)] }
            for day in Int64(0)..<40 {
                try Self.commitDay(day, tools)
                #expect(try Self.usedBytes(tools) < 5 << 20, "day \(day)")
            }
        }
        #expect(events.all.contains("history.expired_early"))
        let reader = try IssueReader(directory: directory.path)
        #expect(try await reader.requests(RequestQuery()).count == 2)
        // What is left is the newest, to the bit; before it there are coarser buckets.
        let lastDay = midnightMs + 39 * 86_400_000
        let raw = try await reader.history(ofSensor: "s3", quantity: .flow, fromMs: lastDay, toMs: .max)
        #expect(raw.count == 1440)
        let series = try await reader.series(
            ofSensor: "s3", quantity: .flow, fromMs: midnightMs, toMs: lastDay, points: 100)
        #expect((series.first?.startMs ?? .max) < lastDay - 5 * 86_400_000)
    }

    @Test func withoutABoundHistoryStaysAsLongAsPolicySays() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        var store = SteppedStore(directory: directory)
        store.configuration.maximumBytes = 0
        try store.run { tools in for day in Int64(0)..<20 { try Self.commitDay(day, tools) } }
        let raw = try await IssueReader(directory: directory.path).history(
            ofSensor: "s3", quantity: .flow, fromMs: 0, toMs: .max)
        #expect(raw.count == 20 * 1440)
    }

    @Test func aFullDatabaseRecyclesItsOldestHistory() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try SteppedStore(directory: directory).run { tools in
            for day in Int64(0)..<20 { try Self.commitDay(day, tools) }
            let pages = try Int.fetchOne(tools.db, sql: "PRAGMA page_count") ?? 0
            try tools.db.execute(sql: "PRAGMA max_page_count = \(pages)")
        }
        let run = StoreRun(try directory.store())
        run.store.limit(toBytes: try DamageTests.size(directory.database))
        var sequence: Int64 = 2_000_000
        // Far more than the pages that are free now.
        for batch in 1...20 {
            run.submit {
                for _ in 0..<10_000 {
                    sequence += 1
                    $0.readings.append(
                        reading(sequence, atMs: midnightMs + 20 * 86_400_000 + (sequence - 2_000_000) * 1000))
                }
                $0.stateSlices = [
                    StateSlice(turn: 100 + Int64(batch), number: 0, isLast: true, sequence: sequence, bytes: [1])
                ]
                $0.acknowledgements = [.init(source: 0, sequence: UInt64(batch))]
            }
            run.waitForCommits(batch)
        }
        run.end()
        #expect(run.cursors[0].sequence == 20)
        #expect(run.store.status.state == .writable)
    }

    @Test func requestsAreFiledWhereReadingsFindNoRoom() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let registry = MetricRegistry()
        let store = try directory.store(StoreConfiguration(), metrics: registry)
        store.limit(toBytes: 1)
        let run = StoreRun(store)
        let reader = try IssueReader(directory: directory.path)
        for number in Int64(1)...3 {
            run.submit { batch in
                batch.newSensors = [newSensor(number * 10_000, number: UInt32(number - 1), id: "s\(number)")]
                batch.readings = (1...5000).map { reading(number * 10_000 + $0, sensor: UInt32(number - 1)) }
                batch.requests = [request(number)]
                batch.updates = [
                    RequestUpdate(requestID: number, number: 1, atMs: midnightMs, status: .open, text: "Opened")
                ]
                batch.incidents = [incident("i\(number)", request: number)]
                batch.incidents[0].sensor = SensorIndex(rawValue: UInt32(number - 1))
                batch.acknowledgements = [.init(source: 0, sequence: UInt64(number))]
            }
            try await eventually("request \(number) is filed") { try await reader.request(id: number) != nil }
            #expect(run.store.status.state == .full)
        }
        // Nothing is acknowledged, and no reading is stored.
        #expect(run.cursors[0].sequence == 0)
        #expect(run.committed.isEmpty)
        #expect(try await reader.history(ofSensor: "s1", quantity: .flow, fromMs: 0, toMs: .max).isEmpty)

        store.limit(toBytes: 0)
        run.waitForCommits(3)
        run.end()
        #expect(run.cursors[0].sequence == 3)
        #expect(try await reader.requests(RequestQuery()) == [request(3), request(2), request(1)])
        #expect(try await reader.updates(ofRequest: 2).count == 1)
        #expect(try await reader.incidents(ofRequest: 3).map(\.key) == ["i3"])
        #expect(try await reader.history(ofSensor: "s2", quantity: .flow, fromMs: 0, toMs: .max).count == 5000)
        #expect(registry.prometheusText().contains("\nsluice_store_filed_alone_total 3"))
    }

    @Test func theReserveIsTakenAndGivenUp() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        var configuration = StoreConfiguration()
        configuration.reserveBytes = 2 << 20
        let path = directory.path + "/sluice.reserve"
        for (bytes, expected) in [(2 << 20, 2 << 20), (1 << 20, 1 << 20), (3 << 20, 3 << 20), (0, nil)] {
            configuration.reserveBytes = bytes
            StoreRun(try directory.store(configuration)).end()
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes?[.size] as? Int == expected)
        }
    }

    struct Bound: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var messages: Int
        var bytes: Int
        var left: Int
    }

    @Test(arguments: [
        Bound(testDescription: "few enough", messages: 1000, bytes: 1 << 20, left: 250),
        Bound(testDescription: "too many", messages: 120, bytes: 1 << 20, left: 120),
        // 500 bytes, topic 6, detail 23, and 64 for the row.
        Bound(testDescription: "too large", messages: 1000, bytes: 100 * 593, left: 100),
        Bound(testDescription: "the newest stays in any case", messages: 1000, bytes: 1, left: 1),
    ])
    func theQuarantineIsBounded(_ c: Bound) async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        var store = SteppedStore(directory: directory)
        store.configuration.quarantineMessages = c.messages
        store.configuration.quarantineBytes = c.bytes
        try store.run { tools in
            try tools.commit { batch in
                batch.quarantined = (0..<250).map { number in
                    var message = quarantined(.notJSON)
                    message.detail = "value: must be a numbér"
                    message.detail.removeLast()
                    message.payload = [UInt8](repeating: UInt8(number), count: 500)
                    return message
                }
            }
            try tools.settle()
            let counted = try Int.fetchOne(tools.db, sql: "SELECT done FROM progress WHERE task = 6")
            let real = try Int.fetchOne(
                tools.db,
                sql: "SELECT sum(length(topic) + length(CAST(detail AS BLOB)) + length(payload) + 64) FROM quarantine")
            #expect(counted == real)
        }
        let left = try await IssueReader(directory: directory.path).quarantine(limit: 1000)
        #expect(left.count == c.left)
        #expect(left.first?.message.payload.first == 249)
    }
}
