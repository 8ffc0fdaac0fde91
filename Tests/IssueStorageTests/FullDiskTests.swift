import Foundation
import GRDB
import Incidents
import IssueStorage
import Logging
import Open311
import Readings
import SPSCRing
import TestSupport
import Testing

/// A real file system that is full, or can't be written.
@Suite(.enabled(if: SmallDisk.isAvailable, "only root can mount a file system to fill"))
struct FullDiskTests {
    static var configuration: StoreConfiguration {
        var configuration = StoreConfiguration()
        configuration.reserveBytes = 2 << 20
        return configuration
    }

    static func reserve(_ directory: TemporaryDirectory) -> Int {
        (try? DamageTests.size(directory.path + "/sluice.reserve")) ?? 0
    }

    /// Twenty-five days of history, on the disk.
    private static func commitDays(_ directory: TemporaryDirectory) throws {
        try SteppedStore(directory: directory).run { tools in
            for day in Int64(0)..<25 {
                try SpaceTests.commitDay(day, tools)
                try tools.db.checkpoint(.truncate)
            }
        }
    }

    /// The next 5,000 readings of the day behind those, and a turn of state.
    private static func fill(_ batch: CommitBatch, _ number: Int) {
        let first = 2_000_001 + Int64(number - 1) * 5000
        for sequence in first..<first + 5000 {
            let atMs = midnightMs + 25 * 86_400_000 + (sequence - 2_000_000) * 1000
            batch.readings.append(reading(sequence, atMs: atMs, value: sin(Double(sequence))))
        }
        batch.stateSlices = [
            StateSlice(turn: 100 + Int64(number), number: 0, isLast: true, sequence: first + 4999, bytes: [1])
        ]
    }

    @Test func requestsAreFiledAndReadingsWait() async throws {
        let disk = try SmallDisk(megabytes: 16)
        defer { disk.remove() }
        let run = StoreRun(try disk.directory.store(Self.configuration))
        let reader = try IssueReader(directory: disk.directory.path)
        run.submit { batch in
            batch.newSensors = [newSensor(1)]
            batch.readings = [reading(2)]
        }
        run.waitForCommits(1)
        try await eventually("the reserve is taken") { Self.reserve(disk.directory) == 2 << 20 }
        try disk.fill(leavingKilobytes: 64)
        for number in Int64(1)...3 {
            run.submit { batch in
                // More than the write-ahead log has room for from before.
                batch.readings = (1...40_000).map { reading(number * 100_000 + $0) }
                batch.requests = [request(number)]
                batch.acknowledgements = [.init(source: 0, sequence: UInt64(number))]
            }
            try await eventually("request \(number) is filed") { try await reader.request(id: number) != nil }
            #expect(run.store.status.state == .full)
        }
        #expect(run.cursors[0].sequence == 0)
        #expect(try await reader.history(ofSensor: "meter-1", quantity: .flow, fromMs: 0, toMs: .max).count == 1)

        try disk.empty()
        run.waitForCommits(4)
        #expect(run.cursors[0].sequence == 3)
        #expect(run.store.status.state == .writable)
        #expect(try await reader.requests(RequestQuery()).map(\.id) == [3, 2, 1])
        #expect(try await reader.history(ofSensor: "meter-1", quantity: .flow, fromMs: 0, toMs: .max).count == 120_001)
        try await eventually("the reserve is whole again") { Self.reserve(disk.directory) == 2 << 20 }
        run.end()
    }

    @Test func aReserveThatTheDiskIsTooSmallForTakesNothingOfWhatIsLeft() async throws {
        let disk = try SmallDisk(megabytes: 12)
        defer { disk.remove() }
        // Its reserve is 16 MiB.
        let run = StoreRun(try disk.directory.store(StoreConfiguration()))
        run.submit { batch in
            batch.newSensors = [newSensor(1)]
            batch.readings = [reading(2)]
        }
        run.waitForCommits(1)
        // Enough for a small batch, and not for this one.
        try disk.fill(leavingKilobytes: 512)
        run.submit { batch in batch.readings = (3..<40_003).map { reading($0) } }
        try await eventually("the batch does not fit") { run.store.status.state == .full }
        try disk.empty()
        run.waitForCommits(2)
        #expect(Self.reserve(disk.directory) == 0)
        run.end()
    }

    @Test func readingsGoOnAtTheCostOfTheOldest() async throws {
        let disk = try SmallDisk(megabytes: 64)
        defer { disk.remove() }
        try Self.commitDays(disk.directory)
        let run = StoreRun(try disk.directory.store(Self.configuration))
        try await eventually("the reserve is taken") { Self.reserve(disk.directory) == 2 << 20 }
        try disk.fill(leavingKilobytes: 256)
        for batch in 1...30 {
            run.submit {
                Self.fill($0, batch)
                $0.acknowledgements = [.init(source: 0, sequence: UInt64(batch))]
            }
            run.waitForCommits(batch)
        }
        run.end()
        #expect(run.cursors[0].sequence == 30)
        let reader = try IssueReader(directory: disk.directory.path)
        let stored = try await reader.history(
            ofSensor: "s0", quantity: .flow, fromMs: midnightMs + 25 * 86_400_000, toMs: .max)
        #expect(stored.count == 150_000)
        let oldest = try await reader.history(ofSensor: "s0", quantity: .flow, fromMs: 0, toMs: .max).first
        #expect((oldest?.atMs ?? 0) > midnightMs)
    }

    /// Room is made and filled by turns, several times a second: people hear that the disk is full, and when it is not.
    @Test func aDiskThatStaysFullIsToldOnceAndItsEndOnce() async throws {
        let disk = try SmallDisk(megabytes: 64)
        defer { disk.remove() }
        try Self.commitDays(disk.directory)
        let events = LogEvents()
        let run = StoreRun(
            try disk.directory.store(Self.configuration, logger: Logger(label: "test") { _ in events }))
        try await eventually("the reserve is taken") { Self.reserve(disk.directory) == 2 << 20 }
        try disk.fill(leavingKilobytes: 256)
        func submit(_ batch: Int) {
            run.submit {
                Self.fill($0, batch)
            }
            run.waitForCommits(batch)
        }
        for batch in 1...30 { submit(batch) }
        let told = Set(["store.stalled", "store.full", "store.recovered", "store.reserve_restored"])
        #expect(events.all.filter(told.contains) == ["store.stalled", "store.full"])
        try disk.empty()
        submit(31)
        try await eventually("it is told that there is space") { events.all.contains("store.recovered") }
        #expect(events.all.filter(told.contains) == ["store.stalled", "store.full", "store.recovered"])
        run.end()
    }

    @Test func aFileSystemThatCannotBeWrittenIsNamed() throws {
        let disk = try SmallDisk(megabytes: 16)
        defer { disk.remove() }
        try disk.directory.commitOnce { $0.readings = [reading(1)] }
        #expect(try disk.remount("ro"))
        let error = #expect(throws: StorageError.self) { try disk.directory.store() }
        #expect(error?.code == "unwritable")
        #expect(try disk.remount("rw"))
        let store = try disk.directory.store()
        #expect(try store.storedState().lastSequence == 1)
        #expect(store.recoveredFromDamage == nil)
        store.stop()
    }
}
