import Dispatch
import Foundation
import GRDB
import Incidents
import IssueStorage
import Open311
import TestSupport
import Testing

/// Jobs for the store thread: work that belongs to no batch.
@Suite struct JobTests {
    private struct Unwilling: Error, Equatable {}

    private static func note(_ number: Int) -> @Sendable (Database) throws -> Void {
        { db in try db.execute(sql: "INSERT INTO journal_position VALUES (?, 0, 0)", arguments: [number]) }
    }

    private static let count: @Sendable (Database) throws -> Int = { db in
        try Int.fetchOne(db, sql: "SELECT count(*) FROM journal_position") ?? -1
    }

    @Test func aJobsResultComesAfterItsCommit() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let run = StoreRun(try directory.store())
        try await run.store.perform(Self.note(1))
        let reader = try IssueReader(directory: directory.path)
        #expect(try await reader.read("positions", Self.count) == 1)
        #expect(try await run.store.perform(Self.count) == 1)
        run.end()
    }

    @Test func aJobThatThrowsLeavesNothingAndOthersGoIn() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let run = StoreRun(try directory.store())
        let store = run.store
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<100 {
                group.addTask {
                    let outcome: Void? = try? await store.perform { db in
                        try Self.note(number)(db)
                        if number % 3 == 0 { throw Unwilling() }
                        // A constraint is the job's own trouble as well.
                        if number % 3 == 1 { try Self.note(number)(db) }
                    }
                    return outcome != nil
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(outcomes == 33)
        #expect(try await run.store.perform(Self.count) == 33)
        await #expect(throws: Unwilling.self) { try await run.store.perform { _ in throw Unwilling() } }
        run.end()
    }

    @Test func whatIsErasedIsInNoFileOnceNoReaderNeedsIt() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let run = StoreRun(try directory.store())
        let mail = "zyxwv@erase.example"
        func isInAFile() throws -> Bool {
            try ["sluice.db", "sluice.db-wal"].contains { name in
                try Data(contentsOf: URL(filePath: "\(directory.path)/\(name)")).range(of: Data(mail.utf8)) != nil
            }
        }
        try await run.store.perform { db in
            var reporter = Reporter()
            reporter.email = mail
            _ = try ReporterTable.insert(db, reporter, atMs: midnightMs)
        }
        #expect(try isInAFile())
        // Somebody looks at it meanwhile, in a snapshot of his own.
        var configuration = GRDB.Configuration()
        configuration.allowsUnsafeTransactions = true
        let snapshot = try DatabaseQueue(path: "\(directory.path)/sluice.db", configuration: configuration)
        try await snapshot.writeWithoutTransaction { db in
            try db.execute(sql: "BEGIN; SELECT count(*) FROM reporter")
        }
        #expect(try await run.store.perform { db in try ReporterTable.erase(db, .email(mail)) } == 1)
        run.store.emptyLog()
        // More than a try has passed when jobs have been done behind it.
        for _ in 0..<10 { _ = try await run.store.perform(Self.count) }
        #expect(try isInAFile())
        try await snapshot.writeWithoutTransaction { db in try db.execute(sql: "COMMIT") }
        try await eventually("the log is empty") { try !isInAFile() }
        run.end()
    }

    @Test func jobsAndBatchesGoOnBesideEachOther() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let run = StoreRun(try directory.store())
        let store = run.store
        async let jobs: Void = {
            for number in 0..<200 { try await store.perform(Self.note(number)) }
        }()
        for number in Int64(1)...200 { run.submit { $0.readings = [reading(number)] } }
        try await jobs
        run.waitForCommits(200)
        run.end()
        let reader = try IssueReader(directory: directory.path)
        #expect(try await reader.read("positions", Self.count) == 200)
        #expect(try await reader.read("readings") { try Int.fetchOne($0, sql: "SELECT count(*) FROM reading") } == 200)
    }

    @Test func beforeTheStartAndAfterTheStopAJobIsRefusedByName() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let store = try directory.store()
        await #expect(throws: StoreJobError.notStarted) { try await store.perform(Self.note(1)) }
        try store.performNow(Self.note(2))
        let run = StoreRun(store)
        run.end()
        await #expect(throws: StoreJobError.stopping) { try await store.perform(Self.note(3)) }
        let reader = try IssueReader(directory: directory.path)
        #expect(try await reader.read("positions", Self.count) == 1)
    }

    @Test func aStoppedStoreThatNeverStartedRefusesAsWell() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let store = try directory.store()
        store.stop()
        await #expect(throws: StoreJobError.stopping) { try await store.perform(Self.note(1)) }
    }

    @Test func aFullQueueIsNamed() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let run = StoreRun(try directory.store())
        let store = run.store
        let gate = DispatchSemaphore(value: 0)
        let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)
        // The first holds the store thread until the queue has overflowed.
        let refused = await withTaskGroup(of: StoreJobError?.self) { group in
            group.addTask {
                try? await store.perform { _ in
                    arrival.yield()
                    gate.wait()
                }
                return nil
            }
            for await _ in arrivals { break }
            for number in 0..<300 {
                group.addTask {
                    do {
                        try await store.perform(Self.note(number))
                        return nil
                    } catch {
                        return error as? StoreJobError
                    }
                }
            }
            var refused: [StoreJobError] = []
            for await error in group {
                guard let error else { continue }
                refused.append(error)
                if refused.count == 300 - 256 { gate.signal() }
            }
            return refused
        }
        #expect(refused.count == 44)
        #expect(refused.allSatisfy { $0 == .queueFull(waiting: 256) })
        #expect(try await store.perform(Self.count) == 256)
        run.end()
    }

    /// Another process's lock, for as long as the test wants.
    @Test func whileCommitsFailJobsAreRefusedAtOnceAndTakenAfterwards() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let run = StoreRun(try directory.store())
        try await run.store.perform(Self.note(1))
        var unhurried = Configuration()
        unhurried.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: directory.database, configuration: unhurried)
        try await other.writeWithoutTransaction { db in try db.beginTransaction(.immediate) }
        run.submit { $0.readings = [reading(1)] }
        try await eventually("the store is stalled") { run.store.status.state == .stalled }
        let error = await #expect(throws: StoreJobError.self) { try await run.store.perform(Self.note(2)) }
        #expect(error?.code == "stalled")
        #expect(error?.description.contains("locked") == true)
        try await other.writeWithoutTransaction { db in try db.rollback() }
        run.waitForCommits(1)
        try await run.store.perform(Self.note(3))
        #expect(try await run.store.perform(Self.count) == 2)
        run.end()
    }

    @Test(.enabled(if: SmallDisk.isAvailable, "only root can mount a file system to fill"))
    func aJobForWhichThereIsNoSpaceFailsAloneAndClearly() async throws {
        let disk = try SmallDisk(megabytes: 16)
        defer { disk.remove() }
        let run = StoreRun(try disk.directory.store(FullDiskTests.configuration))
        try await run.store.perform(Self.note(1))
        try await eventually("the reserve is taken") { FullDiskTests.reserve(disk.directory) == 2 << 20 }
        let error = await #expect(throws: StorageError.self) {
            try await run.store.perform { db in
                try db.execute(sql: "CREATE TABLE much (bytes BLOB); INSERT INTO much VALUES (zeroblob(30000000))")
            }
        }
        #expect(error?.description.contains("full") == true)
        try await run.store.perform(Self.note(2))
        #expect(try await run.store.perform(Self.count) == 2)
        run.submit { $0.readings = [reading(1)] }
        run.waitForCommits(1)
        run.end()
    }
}
