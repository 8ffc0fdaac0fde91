import FaultSupport
import Foundation
import GRDB
import TestSupport
import Testing

/// What disk and database do to us.
///
/// strace injects what can't be had otherwise; see ``SystemCallFault``.
@Suite(.timeLimit(.minutes(2))) struct StoreFaultTests {
    struct DiskError: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var calls: String
        var code: String
        /// What the health report says of it.
        var says: String
    }

    @Test(
        .enabled(if: SystemCallFault.isPossible, "strace may not trace here"),
        arguments: [
            DiskError(
                testDescription: "the disk is full", calls: "pwrite64", code: "ENOSPC", says: "nothing is acknowledged"),
            DiskError(
                testDescription: "the file system has become read-only", calls: "pwrite64", code: "EROFS",
                says: "nothing is acknowledged"),
            DiskError(
                testDescription: "a write fails", calls: "pwrite64", code: "EIO", says: "nothing is acknowledged"),
            DiskError(
                testDescription: "a sync fails", calls: "fdatasync,fsync", code: "EIO", says: "nothing is acknowledged"),
        ])
    func nothingIsAcknowledgedWhileTheDiskFailsAndItRecoversWithoutARestart(_ fault: DiskError) async throws {
        let site = try FaultSite()
        let daemon = try await site.start()
        let stream = FaultSite.stream(2000)
        try site.publish(stream, 0..<1000)
        try await site.stores(1000)
        try await eventually("all is acknowledged") { site.proxy.acknowledgements == 1000 }
        let disk = try await SystemCallFault(in: daemon, fault.calls, "error=\(fault.code)", folder: site.folder)
        try site.publish(stream, 1000..<2000)
        try await daemon.event("store.stalled")
        try await site.health(503, saying: fault.says)
        #expect(site.proxy.acknowledgements == 1000)
        try await disk.end()
        try await daemon.event("store.recovered", within: .seconds(20))
        try await site.health(200)
        try await site.stores(2000)
        try await site.expectExact(stream, stopping: daemon)
        #expect(try site.stored().integrity() == "ok")
    }

    @Test(
        .enabled(if: SystemCallFault.isPossible, "strace may not trace here"))
    func aSyncThatStallsIsSeenInTheHealthReportAndLosesNothing() async throws {
        let site = try FaultSite()
        let daemon = try await site.start()
        let stream = FaultSite.stream(1000)
        try site.publish(stream, 0..<500)
        try await eventually("all is acknowledged") { site.proxy.acknowledgements == 500 }
        // Longer than one and a half keepalives: the broker lets go of us.
        let disk = try await SystemCallFault(in: daemon, "fdatasync,fsync", "delay_enter=9000000", folder: site.folder)
        try site.publish(stream, 500..<1000)
        try await site.health(503, saying: "store", within: .seconds(8))
        #expect(site.proxy.acknowledgements == 500)
        try await disk.end()
        try await site.stores(1000)
        try await site.health(200)
        try await site.expectExact(stream, stopping: daemon)
    }

    /// Only root may mount; the injected ENOSPC above stands for it elsewhere.
    @Test(.enabled(if: SmallDisk.isPossible, "a small disk can't be mounted here"))
    func aFullDiskAcknowledgesNothingAndRecoversWithoutARestart() async throws {
        let disk = try #require(try SmallDisk(megabytes: 12))
        let site = try FaultSite(data: "\(disk.path)/data")
        let daemon = try await site.start()
        try disk.fill(leavingKilobytes: 600)
        let stream = FaultSite.stream(40_000)
        try site.publish(stream, 0..<40_000)
        try await daemon.event("store.stalled")
        try await site.health(503, saying: "nothing is acknowledged")
        let before = site.proxy.acknowledgements
        #expect(before < 40_000)
        let tried = try await site.metric("sluice_store_retries_total")
        try await eventually("the store has tried again") {
            try await site.metric("sluice_store_retries_total") > tried
        }
        #expect(site.proxy.acknowledgements == before)
        disk.empty()
        try await daemon.event("store.recovered", within: .seconds(20))
        try await eventually("all of it is committed") { try await site.metric("sluice_readings_total") >= 40_000 }
        try await site.end(daemon)
        try await site.expectHistory(of: stream)
        #expect(try site.stored().integrity() == "ok")
    }

    @Test func anotherProcessThatHoldsTheDatabaseIsWaitedFor() async throws {
        let site = try FaultSite()
        let daemon = try await site.start()
        let stream = FaultSite.stream(2000)
        try site.publish(stream, 0..<1000)
        try await eventually("all is acknowledged") { site.proxy.acknowledgements == 1000 }
        var settings = Configuration()
        settings.allowsUnsafeTransactions = true  // one that outlives a call: that is the point
        let other = try DatabaseQueue(path: "\(site.data)/sluice.db", configuration: settings)
        try await other.writeWithoutTransaction { db in
            try db.beginTransaction(.immediate)
            try site.publish(stream, 1000..<2000)
        }
        // Past the time-out with which a commit waits for the lock.
        try await daemon.event("store.stalled", within: .seconds(20))
        try await site.health(503, saying: "nothing is acknowledged")
        #expect(site.proxy.acknowledgements == 1000)
        try await other.writeWithoutTransaction { db in try db.rollback() }
        try other.close()
        try await daemon.event("store.recovered", within: .seconds(20))
        try await site.stores(2000)
        try await site.expectExact(stream, stopping: daemon)
    }

    @Test func aDatabaseThatIsDamagedIsMovedAsideAndPeopleAreTold() async throws {
        let site = try FaultSite()
        let first = try await site.start()
        let stream = FaultSite.stream(5000)
        try site.publish(stream, 0..<4000)
        try await site.stores(4000)
        try await site.end(first)
        try damage("\(site.data)/sluice.db")
        let daemon = try await site.start()
        // Never deleted: whoever can read it gets the old readings out of it.
        let names = try FileManager.default.contentsOfDirectory(atPath: site.data)
        let aside = names.filter {
            $0.hasPrefix("sluice.db") && $0 != "sluice.db" && !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm")
        }
        #expect(aside.count == 1, "\(names)")
        // What comes now is stored, and the loss is an incident that people see.
        try site.publish(stream, 4000..<5000)
        try await site.stores(1000)
        let requests = try await HTTPAnswer.get("\(site.address)/open311/v2/requests.json?status=open").text
        #expect(requests.contains("database"), "\(requests.prefix(2000))")
        try await site.end(daemon)
        #expect(try site.stored().integrity() == "ok")
    }

    /// Overwrites pages in the middle of a database.
    private func damage(_ path: String) throws {
        // What stands in the write-ahead log would cover the damage.
        let database = try DatabaseQueue(path: path)
        try database.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        try database.close()
        let file = try FileHandle(forUpdating: URL(filePath: path))
        let size = try file.seekToEnd()
        for page in stride(from: 4096 as UInt64, to: size, by: 8192) {
            try file.seek(toOffset: page)
            file.write(Data(repeating: 0xA5, count: 2048))
        }
        try file.close()
    }
}
