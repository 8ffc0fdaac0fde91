import Incidents
import Open311
import Pipeline
import Readings
import Simulation
import Testing

/// A run that was interrupted anywhere, and began again from saved state and log, is one that never was.
@Suite struct StateRecoveryTests {
    /// Two processors that meet the same steps, each with the indexes that it gave.
    struct Run {
        var processor: StreamProcessor
        let sensors: [Sensor]

        /// - Parameter log: what those who speak can read.
        mutating func meet(_ step: StormyCity.Step, _ log: LogInMemory, into batch: CommitBatch) {
            switch step {
            case .speak(let sensor, var reading):
                guard
                    case .admitted(let index) = processor.admit(
                        id: sensors[sensor].id, kind: sensors[sensor].kind, nowMs: reading.arrivedAtMs, into: batch)
                else { return }
                reading.sensor = index
                processor.take(reading, into: batch)
            case .tick(let atMs): processor.tick(atMs: atMs, into: batch)
            case .say(let number, let atMs): processor.take(.random(number, atMs: atMs, sensors, log), into: batch)
            case .connection(let isUp, let source, let atMs):
                processor.connection(isUp: isUp, source: source, atMs: atMs, into: batch)
            }
        }

        /// The whole state, as bytes, without touching the run.
        var bytes: [StateSlice] {
            var copy = processor
            let batch = CommitBatch()
            copy.saveEverything(into: batch)
            return batch.stateSlices
        }
    }

    static func differences(_ a: CommitBatch, _ b: CommitBatch) -> [String] {
        var found: [String] = []
        if a.readings != b.readings { found.append("readings") }
        if a.events != b.events { found.append("events") }
        if a.newSensors != b.newSensors { found.append("sensors") }
        if a.incidents != b.incidents { found.append("incidents") }
        if a.requests != b.requests { found.append("requests") }
        if a.updates != b.updates { found.append("updates") }
        if a.commands != b.commands { found.append("commands") }
        if a.answers != b.answers { found.append("answers") }
        // What is counted since the start and reported now and then changes nothing.
        let isKept = { (decision: Decision) in
            ![.sensorShed, .readingLate, .readingClamped].contains(decision.event)
        }
        if a.decisions.filter(isKept) != b.decisions.filter(isKept) { found.append("decisions") }
        return found
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func anInterruptedRunIsOneThatNeverWas(seed: UInt64) throws {
        let city = StormyCity(seed: seed, hasPeople: true)
        var random = SeededGenerator(seed: seed &+ 100)
        let sensors = city.city.sensors
        var never = Run(processor: StreamProcessor(configuration: city.configuration()), sensors: sensors)
        var often = never
        var log = LogInMemory()
        var crashes = Set((0..<36).map { _ in random.next(in: 1..<city.steps.count) })
        crashes.formUnion([random.next(in: 1..<100), random.next(in: 100..<1000), city.steps.count - 1])
        let (expected, found) = (CommitBatch(), CommitBatch())
        for (number, step) in city.steps.enumerated() {
            never.meet(step, log, into: expected)
            often.meet(step, log, into: found)
            // A slice may stand anywhere, not behind a tick alone.
            if random.next(in: 0..<40) == 0 { often.processor.saveNext(into: found, budget: 1) }
            let isCrash = crashes.contains(number)
            guard isCrash || number % 64 == 63 else { continue }
            let differences = Self.differences(expected, found)
            try #require(differences.isEmpty, "after step \(number) of seed \(seed)")
            log.commit(found)
            expected.reset()
            found.reset()
            guard isCrash else { continue }
            for source in never.processor.connectedSources {
                never.processor.connection(isUp: false, source: source, atMs: log.latestMs, into: expected)
            }
            often.processor = log.recover(city.configuration(), into: found)
            let corrections = Self.differences(expected, found)
            try #require(corrections.isEmpty, "when begun again at step \(number) of seed \(seed)")
            log.commit(found)
            expected.reset()
            found.reset()
            let (a, b) = (never.bytes, often.bytes)
            let place = zip(a, b).first { $0 != $1 }.map { "slice \($0.0.number)" } ?? "\(a.count) and \(b.count)"
            try #require(a == b, "state at step \(number) of seed \(seed): \(place)")
            for source in 1...2 {
                let up = StormyCity.Step.connection(isUp: true, source: source, atMs: log.latestMs)
                never.meet(up, log, into: expected)
                often.meet(up, log, into: found)
            }
        }
        #expect(often.processor.restoreReport.isUsable)
        #expect(often.processor.restoreReport.sensorsAfresh == 0)
        #expect(log.requests.count > 10)
        #expect(log.requests.values.contains { $0.origin == .sensor && $0.peopleCount > 0 })
        #expect(log.requests.values.contains { $0.parentID != nil && $0.origin == .person })
        #expect(log.requests.values.contains { $0.verdict == .falseAlarm })
    }
}
