import Foundation
import Incidents
import IssueStorage
import Logging
import Readings
import SPSCRing
import Telemetry
import TestSupport
import Testing

/// The store thread keeps history beside its commits, and out of their way.
@Suite struct KeepingTests {
    @Test func aBusyStoreStepsOnceInEightCommits() {
        var pace = KeepingPace()
        let now = ContinuousClock.now
        var steps = 0
        for _ in 0..<80 {
            pace.committed()
            guard pace.isDueWhenBusy(at: now, isBehind: false) else { continue }
            steps += 1
            pace.stepped(found: true, at: now)
        }
        #expect(steps == 10)
        // And after each one when the tail of the log becomes too long.
        for _ in 0..<80 {
            pace.committed()
            guard pace.isDueWhenBusy(at: now, isBehind: true) else { continue }
            steps += 1
            pace.stepped(found: true, at: now)
        }
        #expect(steps == 90)
    }

    @Test func anIdleStoreWorksUntilThereIsNothingToDoAndThenSleeps() {
        var pace = KeepingPace()
        let now = ContinuousClock.now
        #expect(pace.isDueWhenIdle(at: now))
        pace.stepped(found: true, at: now)
        #expect(pace.isDueWhenIdle(at: now))
        pace.stepped(found: false, at: now)
        #expect(!pace.isDueWhenIdle(at: now + .seconds(3600)))
        #expect(pace.sleepMs(at: now) == 1000)
        // A commit is news, but not each one is looked at.
        pace.committed()
        #expect(!pace.isDueWhenIdle(at: now + .milliseconds(200)))
        #expect(pace.sleepMs(at: now + .milliseconds(200)) <= 51)
        #expect(pace.isDueWhenIdle(at: now + .milliseconds(250)))
        pace.failed(at: now)
        #expect(!pace.isDueWhenIdle(at: now + .milliseconds(4999)))
        #expect(pace.isDueWhenIdle(at: now + .seconds(5)))
    }

    @Test func aRunningStoreFoldsWhileItCommits() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let registry = MetricRegistry()
        let run = StoreRun(try directory.store(StoreConfiguration(), metrics: registry))
        let reader = try IssueReader(directory: directory.path)
        var stream: [LoggedReading] = []
        run.submit { batch in
            batch.newSensors = (0..<50).map { newSensor(-50 + Int64($0), number: UInt32($0), id: "s\($0)") }
        }
        for part in Int64(0)..<40 {
            let readings = (1...5000).map { step in
                reading(part * 5000 + step, sensor: UInt32(step % 50), value: Double(step % 77) / 10)
            }
            stream += readings
            run.submit { $0.readings = readings }
            // Whatever has been folded by now, every reading is there once.
            if part % 10 == 9 {
                run.waitForCommits(Int(part) + 2)
                let seen = try await reader.history(ofSensor: "s7", quantity: .flow, fromMs: .min, toMs: .max)
                #expect(seen == expectedHistory(stream, sensor: 7))
            }
        }
        try await eventually("all but a short tail is folded") {
            guard
                let line = registry.prometheusText().split(separator: "\n").first(where: {
                    $0.hasPrefix("sluice_history_folded_readings_total ")
                }), let count = line.split(separator: " ").last.flatMap({ Int($0) })
            else { return false }
            return count >= 200_000 - 65_536
        }
        run.end()
        let seen = try await reader.history(ofSensor: "s7", quantity: .flow, fromMs: .min, toMs: .max)
        #expect(seen == expectedHistory(stream, sensor: 7))
        let text = registry.prometheusText()
        for name in [
            "sluice_history_step_seconds_count", "sluice_history_tail_readings", "sluice_store_used_bytes",
            "sluice_store_bytes{file=\"reserve\"}",
        ] {
            #expect(text.contains("\n\(name)"), "\(name) is not in:\n\(text)")
        }
    }

    @Test func problemsOfTheConfigurationAreAllNamed() {
        #expect(StoreConfiguration().problems().isEmpty)
        var configuration = StoreConfiguration()
        configuration.history.keepLog = .seconds(60)
        configuration.history.keepRaw = .seconds(3600)
        configuration.history.keepMinutes = .seconds(60)
        configuration.history.keepHours = .seconds(1)
        configuration.history.keepDays = .milliseconds(1)
        configuration.maximumBytes = 1
        configuration.reserveBytes = -1
        configuration.quarantineMessages = 0
        configuration.quarantineBytes = 0
        let keys = configuration.problems().map { $0.prefix { $0 != ":" } }
        #expect(
            keys == [
                "history.log", "history.raw", "history.minutes", "history.hours", "history.days", "data.max_bytes",
                "data.reserve_bytes", "data.quarantine_messages", "data.quarantine_bytes",
            ])
    }
}
