import Foundation
import GRDB
import Incidents
import IssueStorage
import Open311
import Readings
import Testing

@Suite struct MigrationTests {
    @Test func aDatabaseOfTheFirstVersionGoesOn() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
        try V1Database.create(directory.database)

        let store = try directory.store()
        #expect(try store.setting("user_version") == 5)
        let state = try store.storedState()
        #expect(state.lastSequence == 4)
        #expect(state.requestIDs == ["key-1": 1])
        #expect(state.lastUpdates == [1: 1])
        #expect(state.savedState.isEmpty)
        #expect(state.journalPositions.isEmpty)
        var second = reading(3, atMs: midnightMs + 60_000, value: 0.1, counter: 77, flags: [.late, .clockAhead])
        second.reading.source = 1
        var first = reading(2, atMs: midnightMs, value: 12.5)
        first.reading.source = 1
        var entries: [RecoveredEntry] = []
        try store.recover { entries.append($0) }
        #expect(
            entries == [
                .sensor(newSensor(1)), .reading(first), .reading(second),
                .event(StreamEvent(sequence: 4, kind: .tick, source: 0, atMs: midnightMs + 61_000)),
            ])

        var claimed = reading(5, atMs: midnightMs + 120_000, flags: .clockAhead)
        claimed.reading.claimedS = 1_880_272_000
        let run = StoreRun(store)
        run.submit { [claimed] in
            $0.readings = [claimed]
            $0.requests = [request(2)]
        }
        run.end()
        let reader = try IssueReader(directory: directory.path)
        let stored = try await reader.readings(sensor: "meter-1", from: 0, to: .max, limit: 10)
        #expect(stored == [first, second, claimed].map(\.reading))
        #expect(try await reader.requests(RequestQuery()).map(\.id) == [2, 1])
    }

    @Test func aDatabaseOfTheSecondVersionGoesOn() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
        try V2Database.create(directory.database)
        let store = try directory.store()
        #expect(try store.setting("user_version") == 5)
        #expect(try store.storedState().openRequests.map(\.id) == [1])
        let run = StoreRun(store)
        run.submit {
            var part = request(3, key: "person/1")
            (part.origin, part.parentID, part.word) = (.person, 1, .duplicate)
            $0.requests = [part]
            $0.updates = [
                RequestUpdate(
                    requestID: 3, number: 1, atMs: midnightMs, status: .open, text: "Known already", word: .duplicate)
            ]
        }
        run.end()
        let reader = try IssueReader(directory: directory.path)
        let stored = try await reader.requests(RequestQuery())
        #expect(stored.map(\.id) == [3, 2, 1])
        #expect(stored.map(\.word) == [.duplicate, .closed, .open])
        #expect(stored.map(\.origin) == [.person, .sensor, .sensor])
        #expect(stored.map(\.verdict) == [.unreviewed, .unreviewed, .unreviewed])
        #expect(stored.map(\.parentID) == [1, nil, nil])
        var parts = RequestQuery()
        parts.parentID = 1
        #expect(try await reader.requests(parts).map(\.id) == [3])
        let updates = try await reader.updates(ofRequest: 2)
        #expect(updates.map(\.word) == [.open, .closed])
        #expect(updates.map(\.author) == [.sensor, .sensor])
    }

    @Test func itsLogIsFoldedAndItsQuarantineMeasured() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
        try V1Database.create(directory.database)
        try SteppedStore(directory: directory).run { tools in
            let bytes = try Int.fetchOne(tools.db, sql: "SELECT done FROM progress WHERE task = 6")
            #expect(bytes == 3 + 5 + 4 + 64)
            try tools.tick(10)
            try tools.settle()
            #expect(try tools.count("history_open") == 2)
        }
        let history = try await IssueReader(directory: directory.path).history(
            ofSensor: "meter-1", quantity: .flow, fromMs: 0, toMs: .max)
        #expect(history.map(\.value) == [12.5, 0.1])
    }
}

/// Databases that earlier versions left, as they were dumped.
@Suite struct SavedDatabaseTests {
    /// A data directory with the saved database of a version.
    static func saved(version: Int) async throws -> TemporaryDirectory {
        let directory = TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../fixtures/databases/schema-\(version).sql").standardized
        let sql = try String(contentsOf: file, encoding: .utf8)
        try await Task {
            // Of one sensor frames had been counted: of late, and ever.
            let heard = "INSERT INTO sensor_link VALUES (0, 5, 100, 25, 7, 3, -97, NULL);"
            try DatabaseQueue(path: directory.database).writeWithoutTransaction { try $0.execute(sql: sql + heard) }
        }
        .value
        return directory
    }

    @Test func aDatabaseOfTheFourthVersionGoesOn() async throws {
        let directory = try await Self.saved(version: 4)
        defer { directory.remove() }
        #expect(try StoreVerification(path: directory.database).isSound)
        let store = try directory.store()
        #expect(try store.setting("user_version") == 5)
        let state = try store.storedState()
        #expect(state.openRequests.map(\.id) == [2])
        #expect(state.ruleSets.map(\.sequence) == [421])
        #expect(!state.savedState.isEmpty)
        #expect(state.timeZones == ["Europe/London"])
        var sensors: [CommitBatch.NewSensor] = []
        var changes: [Int64] = []
        try store.recover {
            if case .sensor(let met) = $0 { sensors.append(met) }
            if case .change(let logged, let changed) = $0, changed.isEmpty { changes.append(logged.sequence) }
        }
        #expect(sensors.map(\.sensor.zone) == ["north", "north"])
        #expect(sensors.map(\.sensor.owner) == ["Waste North", "Waste North"])
        #expect(changes == [421])
        // One of the sensors moves, and the log tells where.
        let (next, before) = (state.lastSequence + 1, sensors[0].sensor)
        var after = before
        after.zone = "south"
        let run = StoreRun(store)
        run.submit { [after] in
            $0.commands = [PastSensorTests.change(next)]
            $0.newSensors = [
                .init(sequence: next, index: SensorIndex(rawValue: 0), sensor: after, before: before)
            ]
        }
        run.end()
        #expect(try StoreVerification(path: directory.database).isSound)
        let again = try directory.store()
        var zones: [String?] = []
        try again.recover {
            if case .sensor(let met) = $0, met.index.rawValue == 0 { zones.append(met.sensor.zone) }
            if case .change(_, let changed) = $0 { zones += changed.map(\.zone) }
        }
        #expect(zones == ["north", "south"])
        StoreRun(again).end()
    }

    @Test func aDatabaseOfTheThirdVersionGoesOn() async throws {
        let directory = try await Self.saved(version: 3)
        defer { directory.remove() }
        #expect(try StoreVerification(path: directory.database).isSound)

        let store = try directory.store()
        #expect(try store.setting("user_version") == 5)
        let state = try store.storedState()
        #expect(state.openRequests.map(\.id) == [2])
        #expect(!state.savedState.isEmpty)
        #expect(state.links.map(\.lossShare) == [0.2] && state.links.map(\.counts.resets) == [3])
        #expect(state.links.map(\.history) == [FrameHistory()] && state.links.map(\.rssiDBm) == [-97])
        #expect(state.ruleSets.isEmpty)
        var readings = 0
        try store.recover { if case .reading = $0 { readings += 1 } }
        #expect(readings == 120)
        let next = state.lastSequence + 1
        let rules = RuleText(
            hash: "0123", text: "# none", variables: ["SLUICE_HTTP_PORT": "1"], zone: "Europe/London",
            started: .init(text: "# other", variables: [:]))
        let run = StoreRun(store)
        run.submit {
            let command = StreamCommand(ticket: 0, atMs: midnightMs, .rules(rules))
            $0.commands = [LoggedCommand(sequence: next, command: command, outcome: .applied)]
        }
        run.end()
        #expect(try StoreVerification(path: directory.database).isSound)
        let again = try directory.store()
        let kept = try again.storedState().ruleSets
        #expect(kept == [LoggedRules(sequence: next, rules: rules)])
        StoreRun(again).end()
    }
}
