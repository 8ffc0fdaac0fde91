import Daemon
import Foundation
import Forwarding
import Incidents
import IssueStorage
import MQTTSession
import Telemetry
import Testing

/// `fixtures/words/health.txt` and `notices.txt` hold what the daemon says of itself, for people.
///
/// The pages say it in the reader's language, and their tests read the same files: what is worded anew here must be worded
/// anew in the pages' catalogue.
@Suite struct HealthTextTests {
    private static func kept(_ name: String) throws -> [String] {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../fixtures/words/\(name)").standardized
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    @Test func whatHealthSaysIsWhatThePagesCanSay() throws {
        let checks = Self.threads + Self.brokers + Self.stores + Self.destinations
        var seen: Set<String> = []
        // How many seconds is the test's own haste.
        let lines = checks.map { "\($0.name) = \($0.detail.replacing(/[0-9]+ s\b/, with: "12 s"))" }
            .filter { seen.insert($0).inserted }
        #expect(try lines == Self.kept("health.txt"), "what is said now:\n\(lines.joined(separator: "\n"))")
    }

    @Test func whatIsSaidOfADamagedDatabaseIsWhatThePagesCanSay() throws {
        let name = "sluice.db.damaged-1795354007546"
        let reports = [
            nil, DamageReport(path: "/data/\(name)", reason: "malformed"),
            DamageReport(path: "/data/\(name)", reason: "malformed", salvagedRequests: 475, salvagedSensors: 12),
        ]
        var seen: Set<String> = []
        let texts =
            reports.map { DamageNotice.notice(of: name, $0) }
            .flatMap { [$0.title, "Opened: \($0.title)", $0.description, $0.advice] } + [
                "Closed: \(DamageNotice.isGone)"
            ]
        let lines = texts.filter { seen.insert($0).inserted }
        #expect(try lines == Self.kept("notices.txt"), "what is said now:\n\(lines.joined(separator: "\n"))")
    }

    private static var threads: [HealthReport.Check] {
        let pulse = ThreadPulse()
        pulse.beat()
        return [Duration.seconds(3600), .milliseconds(-1)].map {
            WatchedThread(name: "pipeline", pulse: pulse, longestTurn: $0).check
        }
    }

    private static var brokers: [HealthReport.Check] {
        let changes: [(inout ConnectionStatus) -> Void] = [
            { $0.phase = .connecting }, { ($0.phase, $0.lastError) = (.refused, "ECONNREFUSED") },
            { ($0.phase, $0.lastError) = (.backoff, "a.example: ETIMEDOUT") }, { $0.phase = .stopped },
            { $0.isCaughtUp = true }, { $0.isCaughtUp = false }, { $0.oldestUncommittedMs = 12_000 },
            { $0.canaryMs = 9 }, { $0.canaryOverdueMs = 12_000 },
            { ($0.canaryOverdueMs, $0.isCanaryRefused) = (12_000, true) }, { $0.journalProblem = "ENOENT" },
        ]
        return changes.flatMap { change in
            var status = ConnectionStatus(phase: .connected, sinceMs: 0)
            change(&status)
            return DaemonHealth.canaryChecks(broker: "main", status)
                + DaemonHealth.journalChecks(broker: "main", status)
                + [DaemonHealth.check(broker: "main", status)]
        }
    }

    private static var stores: [HealthReport.Check] {
        var waiting = StoreStatus.initial
        waiting.commitUnderWaySince = .now - .seconds(12)
        return [DaemonHealth.check(store: waiting)]
            + StoreStatus.State.allCases.flatMap { state in
                [nil, "ENOSPC"].map { reason in
                    var status = StoreStatus.initial
                    (status.state, status.lastError) = (state, reason)
                    return DaemonHealth.check(store: status)
                }
            }
    }

    private static var destinations: [HealthReport.Check] {
        var (well, troubled) = (DestinationStatus(name: "crews"), DestinationStatus(name: "crews"))
        well.queued = 3
        (troubled.trouble, troubled.failuresInARow, troubled.dead) = ("HTTP 503", 7, 2)
        return [well, troubled].map(DaemonHealth.check(destination:))
    }
}
