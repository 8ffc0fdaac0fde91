import Foundation
import GRDB
import Incidents
import IssueStorage
import Testing

@Suite struct OpeningTests {
    @Test func aSecondDaemonIsRefusedByName() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let first = try directory.store()
        let expected = StorageError.locked(directory: directory.path, holder: getpid())
        #expect(throws: expected) { try directory.store() }
        #expect(expected.description.contains(directory.path))
        #expect(expected.description.contains("process \(getpid())"))
        first.stop()
        #expect(throws: Never.self) { try directory.store() }
    }

    @Test func theDirectoryIsFreeAgainAfterARun() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        StoreRun(try directory.store()).end()
        #expect(throws: Never.self) { try directory.store() }
    }

    struct BadFile: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var code: String
        /// Turns a store's file into one that is sound, and not ours to touch.
        var spoil: @Sendable (_ path: String) throws -> Void
    }

    @Test(arguments: [
        BadFile(testDescription: "newer schema number", code: "newer_schema") { path in
            try DatabaseQueue(path: path).write { try $0.execute(sql: "PRAGMA user_version = 99") }
        },
        BadFile(testDescription: "migration that we do not know", code: "newer_schema") { path in
            try DatabaseQueue(path: path).write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('v99')") }
        },
        BadFile(testDescription: "another program's database", code: "not_ours") { path in
            try FileManager.default.removeItem(atPath: path)
            try DatabaseQueue(path: path).write { try $0.execute(sql: "CREATE TABLE recipe (id)") }
        },
    ])
    func aBadFileIsNamedAndLeftAlone(_ c: BadFile) throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try directory.commitOnce { batch in batch.readings = (1...5000).map { reading($0) } }
        try c.spoil(directory.database)
        let before = try Data(contentsOf: URL(fileURLWithPath: directory.database))
        let error = #expect(throws: StorageError.self) { try directory.store() }
        #expect(error?.code == c.code)
        #expect(error?.description.contains(directory.database) == true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: directory.database)) == before)
        let readersError = #expect(throws: StorageError.self) { try IssueReader(directory: directory.path) }
        #expect(readersError?.code == c.code)
    }

    @Test func newerSchemaTellsBothVersions() {
        let error = StorageError.newerSchema(path: "/d/sluice.db", found: 99, known: 1)
        #expect(
            error.description
                == "/d/sluice.db: was written by a newer sluice (schema 99, this one knows 1); install that version")
    }

    @Test(arguments: ["/proc/sluice-data", "/proc/self"])
    func aDirectoryThatCannotBeWrittenIsNamed(_ path: String) {
        let error = #expect(throws: StorageError.self) {
            try IssueStore(
                directory: path, configuration: StoreConfiguration(), metrics: NOOPMetrics.factory,
                logger: NOOPMetrics.logger)
        }
        #expect(error?.code == "unwritable")
        #expect(error?.description.hasPrefix(path) == true)
    }

    @Test func aFileInTheDirectorysPlaceIsNamed() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try "x".write(toFile: directory.path, atomically: true, encoding: .utf8)
        let error = #expect(throws: StorageError.self) { try directory.store() }
        #expect(error == .unwritable(path: directory.path, reason: "it is not a directory"))
    }

    @Test(arguments: [(Durability.power, 2), (.crash, 1)])
    func durabilityDecidesWhenTheDiskIsWaitedFor(_ durability: Durability, _ synchronous: Int) throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let store = try directory.store(durability)
        #expect(try store.setting("synchronous") == synchronous)
        #expect(try store.setting("wal_autocheckpoint") == 0)
        #expect(try store.setting("foreign_keys") == 1)
    }

    @Test func aNewDatabaseIsNotForOthersToRead() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let store = try directory.store()
        defer { store.stop() }
        for name in ["sluice.db", "sluice.db-wal", "sluice.db-shm"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(directory.path)/\(name)")
            #expect((attributes[.posixPermissions] as? Int).map { $0 & 0o007 } == 0, "\(name)")
        }
    }

    @Test func missingLevelsOfTheDirectoryAreMade() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let store = try IssueStore(
            directory: directory.path + "/a/b/", configuration: StoreConfiguration(), metrics: NOOPMetrics.factory,
            logger: NOOPMetrics.logger)
        store.stop()
        #expect(FileManager.default.fileExists(atPath: directory.path + "/a/b/sluice.db"))
    }
}
