import Foundation
import GRDB
import Incidents
import IssueStorage
import Open311
import Readings
import Testing

/// Copies of a store, and whether stores hold together.
@Suite struct BackupTests {
    /// A store with a request, readings and a photo, closed.
    private func filled() throws -> TemporaryDirectory {
        let directory = TemporaryDirectory()
        let run = StoreRun(try directory.store())
        run.submit {
            $0.newSensors = [newSensor(1)]
            $0.readings = (2..<502).map { reading($0, atMs: midnightMs + $0 * 60_000) }
            $0.requests = [request(1)]
            $0.updates = [RequestUpdate(requestID: 1, number: 1, atMs: midnightMs, status: .open, text: "Opened")]
        }
        run.end()
        try FileManager.default.createDirectory(
            atPath: "\(directory.path)/photos", withIntermediateDirectories: true)
        try Data("a photo".utf8).write(to: URL(filePath: "\(directory.path)/photos/0a.jpg"))
        return directory
    }

    private func change(_ path: String, _ sql: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA foreign_keys = OFF; \(sql)") }
        try queue.close()
    }

    /// Overwrites the first page of an index.
    private func damage(_ path: String, _ index: String) throws {
        let queue = try DatabaseQueue(path: path)
        let (page, size) = try queue.read { db in
            (
                try Int.fetchOne(db, sql: "SELECT rootpage FROM sqlite_schema WHERE name = ?", arguments: [index]),
                try Int.fetchOne(db, sql: "PRAGMA page_size")
            )
        }
        try queue.close()
        let (number, bytes) = (try #require(page), try #require(size))
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.seek(toOffset: UInt64((number - 1) * bytes))
        try file.write(contentsOf: Data(repeating: 0x5A, count: bytes))
        try file.close()
    }

    @Test func whatIsRestoredIsWhatWasBackedUp() async throws {
        let (directory, other) = (try filled(), TemporaryDirectory())
        defer { directory.remove() }
        defer { other.remove() }
        let file = "\(directory.path)/copy.db"
        let made = try StoreBackup.make(of: directory.path, to: file)
        #expect(made.files == 1)
        #expect(try StoreVerification(path: file).isSound)
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(!FileManager.default.fileExists(atPath: "\(file)-wal"))
        let back = try StoreBackup.restore(file, into: other.path, isReplacing: false, nowMs: 1)
        #expect(back.summary.files == 1)
        #expect(back.former == nil)
        #expect(try String(contentsOfFile: "\(other.path)/photos/0a.jpg", encoding: .utf8) == "a photo")
        let reader = try IssueReader(directory: other.path)
        #expect(try await reader.readings(sensor: "meter-1", from: 0, to: .max, limit: 1000).count == 500)
        #expect(try await reader.requests(RequestQuery()).map(\.id) == [1])
        // And the daemon goes on there, with nothing of the backup's own left.
        let store = try other.store()
        #expect(try store.storedState().lastSequence == 501)
        StoreRun(store).end()
        let tables = try await DatabaseQueue(path: other.database).read { try $0.tableExists("backup_file") }
        #expect(!tables)
    }

    /// Nothing of a backup that turns out damaged comes to its place: neither the database nor what lies beside it.
    @Test func aBackupThatIsDamagedChangesNothing() throws {
        let (directory, other) = (try filled(), try filled())
        defer { directory.remove() }
        defer { other.remove() }
        func registry(_ directory: TemporaryDirectory) -> String { "\(directory.path)/sensors.csv" }
        try Data("the backup's".utf8).write(to: URL(filePath: registry(directory)))
        try Data("its own".utf8).write(to: URL(filePath: registry(other)))
        let file = "\(directory.path)/copy.db"
        _ = try StoreBackup.make(of: directory.path, to: file)
        try damage(file, "request_by_status")
        let before = try DatabaseQueue(path: other.database).read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM request")
        }
        #expect {
            try StoreBackup.restore(file, into: other.path, isReplacing: true, nowMs: 1)
        } throws: { ($0 as? StorageError)?.code == "corrupted" }
        #expect(try String(contentsOfFile: registry(other), encoding: .utf8) == "its own")
        let after = try DatabaseQueue(path: other.database).read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM request")
        }
        #expect(after == before)
        let left = try FileManager.default.contentsOfDirectory(atPath: other.path)
        #expect(!left.contains { $0.hasSuffix(".partial") || $0.contains("replaced") }, "\(left)")
    }

    /// What was queued when the backup was made may have been delivered since.
    @Test func whatWaitsInARestoredOutboxIsLookedForBeforeItIsSent() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let store = try directory.store()
        try store.configureOutbox([OutboxDestination(name: "city-b", kind: .georeport)], nowMs: midnightMs)
        let run = StoreRun(store)
        run.submit {
            $0.requests = [request(1)]
            $0.updates = [RequestUpdate(requestID: 1, number: 1, atMs: midnightMs, status: .open, text: "Opened")]
        }
        run.end()
        let file = "\(directory.path)/copy.db"
        _ = try StoreBackup.make(of: directory.path, to: file)
        _ = try StoreBackup.restore(file, into: directory.path, isReplacing: true, nowMs: 77)
        let unclear = try DatabaseQueue(path: directory.database).read { db in
            try Int64?.fetchAll(db, sql: "SELECT unclear_since FROM outbox WHERE state = 'queued'")
        }
        #expect(unclear == [77])
    }

    @Test func aBackupWhileBatchesAreCommittedIsOneMoment() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let run = StoreRun(try directory.store())
        run.submit { $0.newSensors = [newSensor(1)] }
        // Each batch holds a reading and a request's update that belongs to it, or neither.
        for number in Int64(0)..<40 {
            run.submit {
                $0.readings = [reading(2 + number, atMs: midnightMs + number * 60_000)]
                $0.requests = [request(1)]
                $0.updates = [
                    RequestUpdate(
                        requestID: 1, number: Int(number) + 1, atMs: midnightMs + number, status: .open, text: "Seen")
                ]
            }
            guard number % 10 == 9 else { continue }
            let file = "\(directory.path)/copy-\(number).db"
            _ = try StoreBackup.make(of: directory.path, to: file)
            #expect(try StoreVerification(path: file).isSound)
            let (readings, updates) = try DatabaseQueue(path: file).read { db in
                (
                    try Int.fetchOne(db, sql: "SELECT count(*) FROM reading"),
                    try Int.fetchOne(db, sql: "SELECT count(*) FROM request_update")
                )
            }
            #expect(readings == updates)
        }
        run.end()
    }

    @Test func nothingIsOverwrittenAndAFormerDatabaseIsKept() throws {
        let directory = try filled()
        defer { directory.remove() }
        let file = "\(directory.path)/copy.db"
        _ = try StoreBackup.make(of: directory.path, to: file)
        #expect(throws: StorageError.self) { try StoreBackup.make(of: directory.path, to: file) }
        #expect(throws: StorageError.self) {
            try StoreBackup.restore(file, into: directory.path, isReplacing: false, nowMs: 7)
        }
        let back = try StoreBackup.restore(file, into: directory.path, isReplacing: true, nowMs: 7)
        #expect(back.former == "\(directory.database).replaced-7")
        #expect(try StoreVerification(path: "\(directory.database).replaced-7").isSound)
    }

    /// What lies beside the database is afterwards as it was then, and what was there last is kept.
    @Test func whatLiesBesideAFormerDatabaseIsKeptToo() throws {
        let directory = try filled()
        defer { directory.remove() }
        func write(_ text: String, _ name: String) throws {
            try Data(text.utf8).write(to: URL(filePath: "\(directory.path)/\(name)"))
        }
        func text(_ name: String) -> String? {
            try? String(contentsOfFile: "\(directory.path)/\(name)", encoding: .utf8)
        }
        try write("then", "sensors.csv")
        let file = "\(directory.path)/copy.db"
        _ = try StoreBackup.make(of: directory.path, to: file)
        try write("now", "sensors.csv")
        try write("since then", "subscriptions.json")
        try write("another photo", "photos/0b.jpg")
        _ = try StoreBackup.restore(file, into: directory.path, isReplacing: true, nowMs: 7)
        #expect(text("sensors.csv") == "then")
        #expect(text("sensors.csv.replaced-7") == "now")
        #expect(text("subscriptions.json") == nil)
        #expect(text("subscriptions.json.replaced-7") == "since then")
        #expect(text("photos/0a.jpg") == "a photo" && text("photos/0b.jpg") == "another photo")
        let all = try FileManager.default.subpathsOfDirectory(atPath: directory.path)
        #expect(!all.contains { $0.hasSuffix(".partial") }, "\(all)")
    }

    /// The database can be read: it is the other end that can't be written.
    @Test func aPlaceThatCantBeWrittenIsTheOneThatIsNamed() throws {
        let directory = try filled()
        defer { directory.remove() }
        let missing = "\(directory.path)/no/such/folder/copy.db"
        #expect(throws: StorageError.noPlace(path: missing, reason: "No such file or directory")) {
            try StoreBackup.make(of: directory.path, to: missing)
        }
        let within = "\(directory.database)/copy.db"
        let error = #expect(throws: StorageError.self) { try StoreBackup.make(of: directory.path, to: within) }
        #expect(error?.description.hasPrefix("\(within): can't be written: Not a directory; name a new file") == true)
    }

    @Test func aRunningDaemonsDataAreNotReplaced() throws {
        let directory = try filled()
        defer { directory.remove() }
        let file = "\(directory.path)/copy.db"
        _ = try StoreBackup.make(of: directory.path, to: file)
        let store = try directory.store()
        #expect {
            try StoreBackup.restore(file, into: directory.path, isReplacing: true, nowMs: 7)
        } throws: { error in
            if case .locked = error as? StorageError { true } else { false }
        }
        StoreRun(store).end()
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var sql: String
        var sentence: String
    }

    @Test(arguments: [
        Refused(
            testDescription: "of a newer version", sql: "PRAGMA user_version = 99",
            sentence: "was written by a newer sluice (schema 99"),
        Refused(
            testDescription: "of another program", sql: "PRAGMA application_id = 5",
            sentence: "is the database of another program"),
        Refused(
            testDescription: "with a file that leads elsewhere",
            sql: "UPDATE backup_file SET path = 'photos/../../evil'", sentence: "a backup holds no file of this name"),
    ])
    func aBackupThatIsNoneOfOursIsRefusedByName(_ c: Refused) throws {
        let (directory, other) = (try filled(), TemporaryDirectory())
        defer { directory.remove() }
        defer { other.remove() }
        let file = "\(directory.path)/copy.db"
        _ = try StoreBackup.make(of: directory.path, to: file)
        try change(file, c.sql)
        #expect {
            try StoreBackup.restore(file, into: other.path, isReplacing: false, nowMs: 7)
        } throws: { "\($0)".contains(c.sentence) }
        #expect(!FileManager.default.fileExists(atPath: other.database))
        #expect(!FileManager.default.fileExists(atPath: other.database + ".partial"))
    }

    private static let evidenceRule = "every piece of evidence belongs to an update, and to a rule that is kept"

    /// SQL that adds evidence for an update of request 1.
    private static func mark(_ number: Int, _ parameters: String) -> String {
        """
        INSERT INTO evidence_mark (request_id, number, event, at, sensor, rule, rule_version, parameters, quantity,
            condition, observed_at, onset, window_from)
        VALUES (1, \(number), 1, 0, 0, 'burst', 1, '\(parameters)', 0, 0, 0, 0, 0)
        """
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var sql: String
    }

    @Test(arguments: [
        Wrong(
            testDescription: "every page and index is sound",
            sql: "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'request_by_status'"),
        Wrong(
            testDescription: "sensors are numbered without a gap, in the order in which they were met",
            sql: "INSERT INTO sensor (number, id, sequence, kind) VALUES (2, 'meter-3', 600, 1)"),
        Wrong(
            testDescription: "no place in the stream is a person's word and something else",
            sql:
                "INSERT INTO stream_command (sequence, at, kind, ticket, body, outcome) VALUES (5, 0, 1, 0, '{}', '{}')"
        ),
        Wrong(
            testDescription: evidenceRule,
            sql:
                "INSERT INTO evidence_parameters (hash, rule, content) VALUES ('a1', 'burst', '{}'); \(mark(9, "a1"))"),
        Wrong(testDescription: evidenceRule, sql: mark(1, "b2")),
        Wrong(
            testDescription: "every reading is of a sensor that is known",
            sql: "UPDATE reading SET sensor = 9 WHERE sequence = 5"),
        Wrong(
            testDescription: "no place in the stream is taken twice",
            sql: "INSERT INTO stream_event VALUES (5, 1, 0, NULL, 1)"),
        Wrong(
            testDescription: "the updates of each request are numbered from 1 on without a gap",
            sql: "UPDATE request_update SET number = 3"),
        Wrong(
            testDescription: "every request stands as its last update says",
            sql: "UPDATE request_update SET status = 'closed'"),
        Wrong(
            testDescription: "every reference leads somewhere",
            sql: "UPDATE request SET related_id = 77"),
        Wrong(
            testDescription: "the saved state is whole",
            sql: "INSERT INTO state_slice (turn, number, sequence, is_last, bytes) VALUES (1, 0, 501, 1, x'00')"),
    ])
    func whatDoesNotHoldIsNamed(_ c: Wrong) throws {
        let directory = try filled()
        defer { directory.remove() }
        #expect(try StoreVerification(path: directory.database).isSound)
        try change(directory.database, c.sql)
        let wrong = try StoreVerification(path: directory.database).findings.filter { !$0.isSound }
        #expect(wrong.map(\.rule) == [c.testDescription])
        #expect(wrong.allSatisfy { !$0.problems.isEmpty })
    }

    /// Of what they have not yet, nothing is asked.
    @Test(arguments: [(1, 7), (2, 8), (3, 10), (4, 10)])
    func databasesOfEveryEarlierVersionAreVerified(_ version: Int, _ rules: Int) async throws {
        let directory = try await saved(version: version)
        defer { directory.remove() }
        let verification = try StoreVerification(path: directory.database)
        #expect(verification.isSound, "\(verification.findings.filter { !$0.isSound })")
        #expect(verification.findings.count == rules)
    }

    private func saved(version: Int) async throws -> TemporaryDirectory {
        guard version < 3 else { return try await SavedDatabaseTests.saved(version: version) }
        let directory = TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
        try (version == 1 ? V1Database.create : V2Database.create)(directory.database)
        return directory
    }
}
