import Foundation
import GRDB
import Incidents
import IssueStorage
import Readings
import SPSCRing
import Testing

/// A commit that reported a failure and is in all the same is neither written again nor acknowledged unsynced.
@Suite struct CommitMarkTests {
    /// A batch with one row of each kind that has no second place.
    static func batch(_ number: Int64) -> CommitBatch {
        let batch = CommitBatch()
        batch.readings = [reading(number)]
        batch.quarantined = [quarantined(.notJSON)]
        batch.acknowledgements = [.init(source: 0, sequence: UInt64(number))]
        return batch
    }

    static func number(_ db: Database) throws -> Int64? {
        try Int64.fetchOne(db, sql: "SELECT number FROM commit_mark")
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Batches whose commit failed and that are in all the same, of 3 that wait.
        var alreadyIn: Int64
        /// How they are tried again.
        var sizes: [Int] = [1, 1, 1]
    }

    @Test(arguments: [
        Case(testDescription: "none is in", alreadyIn: 0), Case(testDescription: "one is in", alreadyIn: 1),
        Case(testDescription: "all are in", alreadyIn: 3),
        Case(testDescription: "one of a transaction's three is in", alreadyIn: 1, sizes: [3]),
        Case(testDescription: "all of a transaction's three are in", alreadyIn: 3, sizes: [3]),
    ])
    func aNewConnectionWritesOnlyWhatIsNotIn(_ c: Case) throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let store = SteppedStore(directory: directory)
        let waiting = (Int64(2)...4).map(Self.batch)
        let known = try store.run { tools in
            let committer = try BatchCommitter(tools.db, cursors: [CommitCursor()])
            try committer.commit([Self.batch(1)])
            let known = committer.committed
            // This is what the worker is told has failed.
            for batch in waiting.prefix(Int(c.alreadyIn)) { try committer.commit([batch]) }
            return known
        }
        let cursor = CommitCursor()
        try store.run { tools in
            let committer = try BatchCommitter(tools.db, cursors: [cursor], behind: known, waiting: waiting.count)
            #expect(committer.committed == known)
            var done = 0
            for size in c.sizes {
                try committer.commit(Array(waiting[done..<done + size]))
                done += size
                #expect(committer.refusedRows.isEmpty)
                #expect(cursor.sequence == UInt64(done + 1))
                #expect(committer.committed == known + Int64(done))
            }
            // And then as ever.
            try committer.commit([Self.batch(5)])
            #expect(committer.refusedRows.isEmpty)
            #expect(try tools.count("reading") == 5)
            #expect(try tools.count("quarantine") == 5)
            #expect(try Self.number(tools.db) == 5)
        }
    }

    @Test func aNumberThatIsNotOfOurMakingAcknowledgesNothingUnwritten() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try SteppedStore(directory: directory).run { tools in
            try tools.db.execute(sql: "UPDATE commit_mark SET number = 1000")
            let committer = try BatchCommitter(tools.db, cursors: [CommitCursor()], behind: 3, waiting: 2)
            try committer.commit([Self.batch(1)])
            #expect(try tools.count("reading") == 1)
            // Nor while a connection is in use.
            try tools.db.execute(sql: "UPDATE commit_mark SET number = 7")
            #expect(throws: (any Error).self) { try committer.commit([Self.batch(2)]) }
            #expect(try tools.count("reading") == 1)
        }
    }

    @Test func everyCommitWritesEvenIfItsBatchIsEmpty() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try SteppedStore(directory: directory).run { tools in
            let before = try DamageTests.size(directory.database + "-wal")
            try tools.commit { _ in }
            #expect(try DamageTests.size(directory.database + "-wal") > before)
            #expect(try Self.number(tools.db) == 1)
        }
    }

    @Test func whatALogHoldsIsInTheFileBeforeAnythingIsWritten() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        // As a kill leaves it.
        let left = try SteppedStore(directory: directory).run { tools in
            try tools.commit { $0.readings = [reading(1)] }
            return try directory.copy()
        }
        defer { left.remove() }
        #expect(try DamageTests.size(left.database + "-wal") > 0)
        let queue = try StoreDatabase(directory: left.path, durability: .power).open()
        #expect(try DamageTests.size(left.database + "-wal") == 0)
        #expect(try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM reading") } == 1)
        try queue.close()
    }

    @Test func aLogThatCannotBeEmptiedIsNotBuiltUpon() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try directory.commitOnce { $0.readings = [reading(1)] }
        let reader = try DatabasePool(path: directory.database)
        let database = StoreDatabase(directory: directory.path, durability: .power)
        let queue = try database.open()
        try await queue.write { try $0.execute(sql: "UPDATE commit_mark SET number = number + 1") }
        // A snapshot from before what comes next in the log.
        let snapshot = try reader.makeSnapshot()
        try await queue.write { try $0.execute(sql: "UPDATE commit_mark SET number = number + 1") }
        let error = #expect(throws: StorageError.self) { try database.open() }
        #expect(error?.description.contains("SQLite code 5") == true)
        try snapshot.close()
        #expect(throws: Never.self) { try database.open() }
        try queue.close()
        try reader.close()
    }
}
