import Foundation
import GRDB
import Incidents
import IssueStorage
import Logging
import Readings
import SPSCRing
import Synchronization
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

    /// A month of readings that nobody has folded yet, the oldest of which are to become minutes, hours and days at once.
    private static func fill(_ directory: TemporaryDirectory, days: Int64, sensors: UInt32 = 40) throws {
        var store = SteppedStore(directory: directory)
        store.configuration = Self.shortLived
        try store.run { tools in
            try tools.commit { batch in
                batch.newSensors = (0..<sensors).map { newSensor(-100 + Int64($0), number: $0, id: "s\($0)") }
            }
            var sequence: Int64 = 0
            for day in 0..<days {
                try tools.commit { batch in
                    for minute in Int64(0)..<480 {
                        for sensor in 0..<sensors {
                            sequence += 1
                            let atMs = midnightMs + day * 86_400_000 + minute * 180_000
                            batch.readings.append(
                                reading(sequence, sensor: sensor, atMs: atMs, value: Double(sequence % 977)))
                        }
                    }
                }
            }
            try tools.save(turn: 1, upTo: sequence)
        }
    }

    private static var shortLived: StoreConfiguration {
        var configuration = StoreConfiguration()
        configuration.history.keepLog = .seconds(3600)
        configuration.history.keepRaw = .seconds(86_400)
        configuration.history.keepMinutes = .seconds(2 * 86_400)
        configuration.history.keepHours = .seconds(3 * 86_400)
        return configuration
    }

    @Test func howeverMuchThereIsToFoldAndToDropEachStepChangesLittle() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try Self.fill(directory, days: 12)
        var store = SteppedStore(directory: directory)
        store.configuration = Self.shortLived
        try store.run { tools in
            let stored = try tools.count("reading")
            #expect(stored == 12 * 480 * 40)
            var (steps, largest) = (0, 0)
            var before = tools.db.totalChangesCount
            while try tools.keeper.step() {
                let after = tools.db.totalChangesCount
                largest = max(largest, after - before)
                (before, steps) = (after, steps + 1)
            }
            // All of it was touched, in steps of no more than a few thousand rows.
            #expect(try tools.count("reading") < stored / 4)
            #expect(largest <= 8192)
            #expect(steps > stored / 8192)
        }
    }

    @Test func noCommitWaitsForMoreThanTheStepThatIsUnderWay() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try Self.fill(directory, days: 8)
        let registry = MetricRegistry()
        let steps = { @Sendable () -> Int in
            let lines = registry.prometheusText().split(separator: "\n")
            let line = lines.first { $0.hasPrefix("sluice_history_step_seconds_count") }
            return line?.split(separator: " ").last.flatMap { Int($0) } ?? 0
        }
        let atCommit = Mutex(0)
        let run = StoreRun(try directory.store(Self.shortLived, metrics: registry)) {
            let count = steps()
            atCommit.withLock { $0 = count }
        }
        var longest = 0
        for number in 1...60 {
            run.submit { $0.readings = [reading(10_000_000 + Int64(number), sensor: 1)] }
            let before = steps()
            run.waitForCommits(number)
            longest = max(longest, atCommit.withLock { $0 } - before)
        }
        // There was work all the time, and it went on.
        #expect(steps() > 5)
        #expect(longest <= 1)
        run.end()
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
