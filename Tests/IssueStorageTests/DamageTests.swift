import Foundation
import GRDB
import Incidents
import IssueStorage
import Open311
import Readings
import Testing

/// A damaged database is moved aside, byte for byte, and a new one begun; what can be read of its requests goes on.
@Suite struct DamageTests {
    struct Damage: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Whether the file was in use, and so has a log beside it, when the daemon died.
        var hasLog = false
        var salvages: Bool
        /// Turns a sound store's files into damaged ones.
        var spoil: @Sendable (_ path: String) throws -> Void
    }

    static func overwrite(_ path: String, at offset: Int, _ count: Int) throws {
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        try file.seek(toOffset: UInt64(offset))
        try file.write(contentsOf: Data(repeating: 0xA5, count: count))
        try file.close()
    }

    static func size(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
    }

    @Test(arguments: [
        Damage(testDescription: "text in its place", salvages: false) { path in
            try String(repeating: "not a database\n", count: 100).write(toFile: path, atomically: true, encoding: .utf8)
        },
        Damage(testDescription: "garbage over its head", salvages: false) { try overwrite($0, at: 0, 100) },
        Damage(testDescription: "an empty file", salvages: false) { path in
            try Data().write(to: URL(fileURLWithPath: path))
        },
        Damage(testDescription: "cut off in the middle", salvages: false) { path in
            let file = try #require(FileHandle(forUpdatingAtPath: path))
            try file.truncate(atOffset: UInt64(size(path) / 2 & ~4095))
            try file.close()
        },
        Damage(testDescription: "some of its last pages overwritten", salvages: true) { path in
            try overwrite(path, at: size(path) - 8 * 4096, 4 * 4096)
        },
        Damage(testDescription: "gone, and its log not", hasLog: true, salvages: false) { path in
            try FileManager.default.removeItem(atPath: path)
        },
        Damage(testDescription: "emptied, and its log not", hasLog: true, salvages: false) { path in
            try Data().write(to: URL(fileURLWithPath: path))
        },
        Damage(testDescription: "garbage over its log's head", hasLog: true, salvages: true) {
            try overwrite($0 + "-wal", at: 0, 32)
        },
    ])
    func itIsMovedAsideAndAStartGoesOn(_ c: Damage) async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try directory.commitOnce { batch in
            batch.newSensors = [newSensor(-2), newSensor(-1, number: 1, id: "meter-2")]
            batch.requests = [request(7), request(8, status: .closed)]
            batch.updates = [RequestUpdate(requestID: 7, number: 1, atMs: midnightMs, status: .open, text: "Opened")]
        }
        let run = StoreRun(try directory.store())
        run.submit { batch in batch.readings = (1...20_000).map { reading($0) } }
        run.waitForCommits(1)
        var log: Data?
        if c.hasLog { log = try Data(contentsOf: URL(fileURLWithPath: directory.database + "-wal")) }
        run.end()
        if let log { try log.write(to: URL(fileURLWithPath: directory.database + "-wal")) }
        try c.spoil(directory.database)
        let before = try? Data(contentsOf: URL(fileURLWithPath: directory.database))

        let store = try directory.store()
        let report = try #require(store.recoveredFromDamage)
        #expect(report.path.hasPrefix(directory.database + ".damaged-2"))
        #expect(!report.reason.isEmpty)
        #expect((try? Data(contentsOf: URL(fileURLWithPath: report.path))) == before)
        let state = try store.storedState()
        #expect(report.salvagedRequests == (c.salvages ? 2 : 0))
        #expect(report.salvagedSensors == (c.salvages ? 2 : 0))
        #expect(state.requestIDs == (c.salvages ? ["key-7": 7, "key-8": 8] : [:]))
        #expect(state.openRequests == (c.salvages ? [request(7)] : []))
        #expect(state.lastUpdates == (c.salvages ? [7: 1] : [:]))

        let again = StoreRun(store)
        again.submit { $0.readings = [reading(1)] }
        again.end()
        let next = try directory.store()
        #expect(next.recoveredFromDamage == nil)
        #expect(try next.storedState().lastSequence == 1)
    }

    /// 40 open requests of which so many fit on a page; with their histories, and known to another city.
    private static func manyRequests() throws -> TemporaryDirectory {
        let directory = TemporaryDirectory()
        let store = try directory.store()
        let city = OutboxDestination(name: "city-b", kind: .georeport)
        try store.configureOutbox([city], nowMs: midnightMs)
        let run = StoreRun(store)
        run.submit { batch in
            for id in Int64(1)...40 {
                var large = request(id)
                large.description = "request number \(id), " + String(repeating: "it leaks; ", count: 90)
                batch.requests.append(large)
                batch.updates.append(
                    RequestUpdate(requestID: id, number: 1, atMs: midnightMs, status: .open, text: "Opened"))
            }
        }
        run.end()
        let queue = try DatabaseQueue(path: directory.database)
        try queue.write { db in
            for id in 1...40 {
                try db.execute(
                    sql:
                        "INSERT INTO outbox_foreign (destination, request_id, foreign_id, filed_at) VALUES (1, ?, ?, 1)",
                    arguments: [id, "B\(id)"])
            }
        }
        try queue.close()
        return directory
    }

    /// Overwrites the page that this request's row is on.
    private static func spoilPage(of id: Int64, in directory: TemporaryDirectory) throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: directory.database))
        let place = try #require(bytes.range(of: Data("request number \(id), ".utf8)))
        try overwrite(directory.database, at: place.lowerBound / 4096 * 4096, 4096)
    }

    @Test func onlyWhatStandsOnADamagedPageIsLost() throws {
        let directory = try Self.manyRequests()
        defer { directory.remove() }
        try Self.spoilPage(of: 20, in: directory)
        let store = try directory.store()
        let state = try store.storedState()
        let left = Set(state.openRequests.map(\.id))
        #expect(left.count >= 34, "\(left.sorted())")
        #expect(left.contains(1) && left.contains(40) && !left.contains(20))
        #expect(store.recoveredFromDamage?.salvagedRequests == left.count)
        #expect(state.greatestLostID == 40)
        store.stop()
        let known = try DatabaseQueue(path: directory.database).read { db in
            try Set(Int64.fetchAll(db, sql: "SELECT request_id FROM outbox_foreign"))
        }
        #expect(known == left)
    }

    /// A number that can't have been given is damage too, and takes none with it.
    @Test(arguments: [Int64(1) << 62, .max, .min]) func aNumberThatIsNoneIsNotBelieved(_ number: Int64) throws {
        let directory = try Self.manyRequests()
        defer { directory.remove() }
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: directory.database, configuration: configuration)
        try queue.write { db in
            try db.execute(sql: "UPDATE request SET id = ? WHERE id = 33", arguments: [number])
        }
        try queue.close()
        try Self.spoilPage(of: 20, in: directory)
        let store = try directory.store()
        let state = try store.storedState()
        #expect(state.greatestLostID == 40)
        let left = Set(state.openRequests.map(\.id))
        #expect(left.count >= 33 && left.isSubset(of: Set(1...40).subtracting([20, 33])), "\(left.sorted())")
        store.stop()
    }

    @Test func numbersOfLostRequestsAreNotGivenAgain() throws {
        let directory = try Self.manyRequests()
        defer { directory.remove() }
        try Self.spoilPage(of: 40, in: directory)
        let store = try directory.store()
        let state = try store.storedState()
        #expect(!state.openRequests.map(\.id).contains(40))
        #expect(state.greatestLostID == 40)
        store.stop()
        // And at the next start neither.
        #expect(try directory.store().storedState().greatestLostID == 40)
    }

    @Test func ticketsGoOnBehindThoseOfRequestsWhoseSubmissionsWereLost() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try directory.commitOnce { batch in
            // One with a part for another department.
            batch.requests = [
                request(1, key: "person/9"), request(2, key: "person/41/for/highways"), request(3, key: "persons"),
            ]
            batch.readings = (1...20_000).map { reading($0) }
        }
        try Self.overwrite(directory.database, at: try Self.size(directory.database) - 8 * 4096, 4 * 4096)
        let store = try directory.store()
        #expect(store.recoveredFromDamage?.salvagedRequests == 3)
        let ticket = try store.performNow { db in
            try SubmissionTable.enter(db, idempotency: [1], expires: false, keyID: 1, atMs: midnightMs) { ticket in
                let submission = RequestSubmission(service: .waterLeak)
                return (nil, StreamCommand(ticket: ticket, atMs: midnightMs, .report(submission)))
            }.submission.id
        }
        #expect(ticket == 42)
        store.stop()
    }

    @Test func aTornLogIsReadUpToTheTear() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let torn = try SteppedStore(directory: directory).run { tools in
            for sequence in Int64(1)...3 { try tools.commit { $0.readings = [reading(sequence)] } }
            return try directory.copy()
        }
        defer { torn.remove() }
        let size = try Self.size(torn.database + "-wal")
        try Self.overwrite(torn.database + "-wal", at: size - 100, 100)
        let store = try torn.store()
        #expect(store.recoveredFromDamage == nil)
        #expect(try store.storedState().lastSequence == 2)
    }

    /// A store that is larger than what a start reads whole, with damage in the middle.
    static func largeAndDamaged() throws -> TemporaryDirectory {
        let directory = TemporaryDirectory()
        let run = StoreRun(try directory.store())
        run.submit { $0.requests = [request(3)] }
        for part in Int64(0)..<26 { run.submit { $0.readings = (1...100_000).map { reading(part * 100_000 + $0) } } }
        run.end()
        #expect(try size(directory.database) > 64 << 20)
        try overwrite(directory.database, at: 40 << 20, 64 << 10)
        return directory
    }

    @Test func damageThatWasMetInUseHasTheNextStartReadAllOfIt() throws {
        let directory = try Self.largeAndDamaged()
        defer { directory.remove() }
        // What the running store leaves when it meets damage.
        try Data().write(to: URL(filePath: directory.database + ".doubt"))
        let store = try directory.store()
        #expect(store.recoveredFromDamage != nil)
        #expect(try store.storedState().requestIDs == ["key-3": 3])
        store.stop()
    }

    @Test func damageThatShowsOnlyWhenTheLogIsRead() throws {
        let directory = try Self.largeAndDamaged()
        defer { directory.remove() }
        let store = try directory.store()
        #expect(store.recoveredFromDamage == nil)
        #expect(try store.storedState().requestIDs == ["key-3": 3])
        var count = 0
        let error = #expect(throws: StorageError.self) { try store.recover { _ in count += 1 } }
        #expect(error?.code == "corrupted")
        #expect(count > 0)
        let report = try #require(store.recoveredFromDamage)
        #expect(FileManager.default.fileExists(atPath: report.path))
        // Starting over finds the new database.
        let state = try store.storedState()
        #expect(state.lastSequence == 0)
        #expect(state.requestIDs == ["key-3": 3])
        try store.recover { Issue.record("unexpected \($0)") }
        store.stop()
    }

    @Test func aChunkThatCannotBeReadHoldsNothingUp() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try SteppedStore(directory: directory).run { tools in
            try tools.commit { batch in
                batch.newSensors = [newSensor(0)]
                batch.readings = (1...10).map { reading($0) }
            }
            try tools.tick(11)
            try tools.settle()
            try tools.db.execute(sql: "UPDATE history_open SET content = x'00FF00' WHERE stream = 1")
            try tools.commit { $0.readings = [reading(12)] }
            try tools.tick(13, afterDays: 0.5)
            try tools.settle()
            #expect(try tools.count("history_chunk", "content = x'00FF00'") == 1)
        }
        let history = try await IssueReader(directory: directory.path).history(
            ofSensor: "meter-1", quantity: .flow, fromMs: 0, toMs: .max)
        #expect(history == expectedHistory([reading(12)], sensor: 0))
    }
}
