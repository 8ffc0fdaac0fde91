import FaultSupport
import Foundation
import TestSupport
import Testing

/// That the disk has a reading before the broker hears of it, seen in the daemon's system calls.
@Suite(.timeLimit(.minutes(2))) struct AcknowledgementOrderTests {
    @Test(.enabled(if: SystemCallFault.isPossible, "strace may not trace here"))
    func everyAcknowledgementFollowsASyncThatFollowsTheRead() async throws {
        let site = try FaultSite()
        let file = "\(site.folder)/trace"
        let calls = "read,recvfrom,write,sendto,pwrite64,fdatasync,fsync"
        // strace works behind the daemon's back (-D): the child is the daemon itself.
        let daemon = try await site.start(wrapper: [
            "/usr/bin/strace", "-D", "-f", "-qq", "-y", "-xx", "-s", "65536", "-o", file, "-e", "trace=\(calls)",
        ])
        let stream = FaultSite.stream(3000)
        for part in 0..<30 { try site.publish(stream, part * 100..<(part + 1) * 100) }
        try await site.stores(3000)
        try await eventually("everything is acknowledged") { site.proxy.acknowledgements >= 3000 }
        try await site.expectExact(stream, stopping: daemon)
        let order = try AcknowledgementOrder(of: SystemCallTrace(String(contentsOfFile: file, encoding: .utf8)))
        #expect(order.acknowledged >= 3000)
        #expect(order.premature == [])
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var lines: [String]
        var premature: [UInt16]
    }

    private static let connect = #"1 write(9<socket:[5]>, "\x10\x00", 2) = 2"#
    private static let publish = #"1 read(9<socket:[5]>, "\x32\x05\x00\x01\x61\x00\x07", 7) = 7"#
    private static let store = #"2 pwrite64(3</d/x-wal>, "\x01", 1, 0) = 1"#
    private static let sync = "2 fdatasync(3</d/x-wal>) = 0"
    private static let acknowledge = #"1 write(9<socket:[5]>, "\x40\x02\x00\x07", 4) = 4"#

    @Test(arguments: [
        Case(testDescription: "as it should be", lines: [publish, store, sync, acknowledge], premature: []),
        Case(testDescription: "without a sync", lines: [publish, store, acknowledge], premature: [7]),
        Case(testDescription: "before the sync", lines: [publish, store, acknowledge, sync], premature: [7]),
        Case(testDescription: "synced before it was read", lines: [store, sync, publish, acknowledge], premature: [7]),
        Case(testDescription: "synced, not written", lines: [store, publish, sync, acknowledge], premature: [7]),
        Case(
            testDescription: "while the sync is under way",
            lines: [
                publish, store, "2 fdatasync(3</d/x-wal> <unfinished ...>", acknowledge,
                "2 <... fdatasync resumed>) = 0",
            ], premature: [7]),
        Case(
            testDescription: "the sync failed",
            lines: [publish, store, "2 fdatasync(3</d/x-wal>) = -1 EIO (Input/output error) (INJECTED)", acknowledge],
            premature: [7]),
        Case(
            testDescription: "the read was under way first",
            lines: [
                "1 read(9<socket:[5]>,  <unfinished ...>", store, sync,
                #"1 <... read resumed>"\x32\x05\x00\x01\x61\x00\x07", 7) = 7"#, acknowledge,
            ], premature: [7]),
        Case(testDescription: "never read", lines: [store, sync, acknowledge], premature: [7]),
    ])
    func theOrderIsReadFromTheTrace(_ c: Case) {
        let order = AcknowledgementOrder(of: SystemCallTrace(([Self.connect] + c.lines).joined(separator: "\n")))
        #expect(order.acknowledged == 1)
        #expect(order.premature == c.premature)
    }
}
