import GRDB
import Incidents
import IssueStorage
import SPSCRing
import TestSupport
import Testing

/// Nothing is acknowledged before the transaction that holds it has committed, however it fails.
@Suite struct AcknowledgementTests {
    /// A way to make commits fail, and how to make them work again.
    struct Fault: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var inject: @Sendable (IssueStore, DatabaseQueue) throws -> Void
        var repair: @Sendable (IssueStore, DatabaseQueue) throws -> Void
    }

    @Test(arguments: [
        Fault(
            testDescription: "the disk is full",
            inject: { store, _ in store.limit(toBytes: 1) },
            repair: { store, _ in store.limit(toBytes: 0) }),
        Fault(
            testDescription: "another process holds the write lock",
            inject: { _, other in try other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") } },
            repair: { _, other in try other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") } }),
        Fault(
            testDescription: "every row goes in, and COMMIT itself fails",
            inject: { _, other in
                try other.write { db in
                    try db.execute(
                        sql: """
                            CREATE TABLE absent (x INTEGER PRIMARY KEY);
                            CREATE TABLE trap (x INTEGER REFERENCES absent (x) DEFERRABLE INITIALLY DEFERRED);
                            CREATE TRIGGER spring AFTER INSERT ON reading WHEN NEW.sequence = 1 BEGIN
                                INSERT INTO trap VALUES (1);
                            END;
                            """)
                }
            },
            repair: { _, other in try other.write { try $0.execute(sql: "DROP TRIGGER spring") } }),
    ])
    func aFailingCommitAcknowledgesNothingAndIsTriedAgain(_ fault: Fault) async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let store = try directory.store()
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: directory.database, configuration: configuration)
        let reader = try IssueReader(directory: directory.path)
        try fault.inject(store, other)

        let run = StoreRun(store)
        run.submit { batch in
            batch.newSensors = [newSensor(0)]
            batch.readings = (1...1000).map { reading($0) }
            batch.acknowledgements = [.init(source: 0, sequence: 7), .init(source: 1, sequence: 3)]
        }
        try await eventually("the store says that it is stalled") { !store.status.isWritable }
        #expect(run.cursors.map(\.sequence) == [0, 0])
        #expect(run.committed.isEmpty)
        #expect(store.status.lastError?.contains(directory.database) == true)
        #expect(store.status.stalledSince != nil)
        #expect(try await reader.readings(sensor: "meter-1", from: 0, to: .max, limit: 10_000).isEmpty)

        try fault.repair(store, other)
        run.waitForCommits(1)
        #expect(run.cursors.map(\.sequence) == [7, 3])
        #expect(store.status.isWritable)
        #expect(store.status.stalledSince == nil)
        #expect(try await reader.readings(sensor: "meter-1", from: 0, to: .max, limit: 10_000).count == 1000)
        run.end()
    }

    @Test func aCommitThatWaitsForTheDiskIsSeen() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let store = try directory.store()
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: directory.database, configuration: configuration)
        #expect(store.status.commitUnderWaySince == nil)
        // BEGIN waits for this lock, as COMMIT would for a disk.
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        let run = StoreRun(store)
        let before = ContinuousClock.now
        run.submit { $0.readings = [reading(1)] }
        try await eventually("a commit is under way") {
            store.status.commitUnderWaySince.map { $0 >= before && $0 <= .now } ?? false
        }
        try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        run.waitForCommits(1)
        run.end()
        #expect(store.status.commitUnderWaySince == nil)
    }

    @Test func whoeverSeesTheCursorSeesTheRows() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let run = StoreRun(try directory.store(.power))
        let reader = try IssueReader(directory: directory.path)
        for sequence in Int64(1)...50 {
            run.submit { batch in
                if sequence == 1 { batch.newSensors = [newSensor(1000)] }
                batch.readings = [reading(sequence)]
                batch.acknowledgements = [.init(source: 0, sequence: UInt64(sequence))]
            }
            run.cursors[0].doorbell.wait(timeoutMs: 10_000) { run.cursors[0].sequence == UInt64(sequence) }
            let seen = try await reader.readings(sensor: "meter-1", from: 0, to: .max, limit: 100)
            #expect(seen.count == Int(sequence))
        }
        run.end()
    }

    @Test func batchesThatWaitedAreCommittedInOrder() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let store = try directory.store()
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: directory.database, configuration: configuration)
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        let run = StoreRun(store)
        for number in Int64(1)...4 {
            run.submit { batch in
                batch.readings = (0..<number).map { reading(number * 10 + $0) }
                batch.acknowledgements = [.init(source: 1, sequence: UInt64(number))]
            }
        }
        try await eventually("the store says that it is stalled") { !store.status.isWritable }
        try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        run.waitForCommits(4)
        #expect(run.committed.map(\.readingCount) == [1, 2, 3, 4])
        #expect(run.cursors[1].sequence == 4)
        run.end()
    }

    @Test func stopCommitsWhatIsFilled() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let run = StoreRun(try directory.store())
        for number in Int64(1)...4 {
            run.submit { batch in
                batch.readings = [reading(number)]
                batch.acknowledgements = [.init(source: 0, sequence: UInt64(number))]
            }
        }
        run.end()
        #expect(run.cursors[0].sequence == 4)
        let store = try directory.store()
        #expect(try store.storedState().lastSequence == 4)
    }

    @Test func stopEndsAlsoWhileNothingCanBeCommitted() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let store = try directory.store()
        store.limit(toBytes: 1)
        let run = StoreRun(store)
        run.submit { batch in
            batch.readings = (1...1000).map { reading($0) }
            batch.acknowledgements = [.init(source: 0, sequence: 1)]
        }
        try await eventually("the store says that it is stalled") { !store.status.isWritable }
        store.stop()
        await store.finished()
        #expect(run.cursors[0].sequence == 0)
        #expect(try directory.store().storedState().lastSequence == 0)
    }

    @Test func statusTellsOfTheLastCommit() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let run = StoreRun(try directory.store())
        #expect(run.store.status.lastCommitAt == nil)
        run.submit { $0.readings = [reading(1)] }
        run.waitForCommits(1)
        run.end()
        let status = run.store.status
        #expect(status.lastCommitAt.map { $0 <= .now } == true)
        #expect(status.lastCommitDuration.map { $0 > .zero } == true)
        #expect(status.databaseBytes > 4096)
    }
}
