import Detection
import Incidents
import Open311
import Pipeline
import Readings
import Simulation
import Testing

/// Saved state that is damaged, out of date, or for another configuration.
@Suite struct SavedStateTests {
    /// A week of a city that ends with everything saved, and what a store would hold.
    struct Past {
        var city: StormyCity
        var run: StateRecoveryTests.Run
        var log = LogInMemory()

        init(seed: UInt64, days: ClosedRange<Int64> = -6...1) {
            city = StormyCity(seed: seed, days: days)
            run = StateRecoveryTests.Run(
                processor: StreamProcessor(configuration: city.configuration()), sensors: city.city.sensors)
            let batch = CommitBatch()
            for step in city.steps { run.meet(step, LogInMemory(), into: batch) }
            run.processor.saveEverything(into: batch)
            log.commit(batch)
        }
    }

    static let past = Past(seed: 11)

    static func restore(
        _ slices: [StateSlice], _ change: (inout PipelineConfiguration) -> Void = { _ in }
    ) -> (report: RestoreReport, processor: StreamProcessor) {
        var processor = StreamProcessor(configuration: past.city.configuration(change))
        let report = processor.restore(slices)
        return (report, processor)
    }

    // MARK: Form

    struct Damage: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var damage: @Sendable (inout [StateSlice]) -> Void
        var problem: String
    }

    @Test(arguments: [
        Damage(testDescription: "a bit", damage: { $0[3].bytes[40] ^= 4 }, problem: "a slice: the checksum differs"),
        Damage(
            testDescription: "no bytes", damage: { $0[2].bytes = [] }, problem: "a slice: the saved bytes end too early"
        ),
        Damage(
            testDescription: "half of the bytes", damage: { $0[2].bytes.removeLast($0[2].bytes.count / 2) },
            problem: "a slice: the checksum differs"),
        Damage(
            testDescription: "one slice is missing", damage: { $0.remove(at: 4) }, problem: "slice 4: parts are missing"
        ),
        Damage(
            testDescription: "the first is missing", damage: { $0.removeFirst() }, problem: "slice 0: parts are missing"
        ),
        Damage(testDescription: "the last is missing", damage: { $0.removeLast() }, problem: "parts are missing"),
        Damage(testDescription: "of another turn", damage: { $0[5].turn += 1 }, problem: "slice 5: parts are missing"),
        Damage(
            testDescription: "of an earlier place", damage: { $0[5].sequence -= 1 },
            problem: "slice 5: parts are missing"),
        Damage(
            testDescription: "in another order", damage: { ($0[2].bytes, $0[0].bytes) = ($0[0].bytes, $0[2].bytes) },
            problem: "slice 0: parts are missing"),
        Damage(
            testDescription: "of another version",
            damage: {
                var coder = StateCoder()
                var version: UInt64 = 999
                coder.code(&version)
                $0[0].bytes = coder.sealed()
            }, problem: "the state: was saved by another version"),
    ])
    func isRefusedAsAWholeByName(_ d: Damage) throws {
        var slices = Self.past.log.saved
        d.damage(&slices)
        let (report, processor) = Self.restore(slices)
        #expect(!report.isUsable)
        #expect(report.sequence == 0)
        #expect(report.problem?.contains(d.problem) == true, "\(report.problem ?? "none")")
        #expect(processor.sequence == 0)
        // Then the whole log is met, and leads to the same.
        let corrections = CommitBatch()
        let recovered = Self.past.log.recover(Self.past.city.configuration(), slices: slices, into: corrections)
        var never = Self.past.run.processor
        for source in never.connectedSources {
            never.connection(isUp: false, source: source, atMs: Self.past.log.latestMs, into: CommitBatch())
        }
        #expect(corrections.requests.isEmpty)
        let run = StateRecoveryTests.Run(processor: recovered, sensors: [])
        #expect(run.bytes == StateRecoveryTests.Run(processor: never, sensors: []).bytes)
    }

    /// A slice whose body was changed and whose checksum is right again: what no accident makes.
    @Test func noBytesMakeAStartTrap() throws {
        var random = SeededGenerator(seed: 5)
        let saved = Self.past.log.saved
        for round in 0..<600 {
            var slices = saved
            let number = round % slices.count
            var body = Array(slices[number].bytes.dropLast(8))
            if round % 5 == 0 { body.removeLast(random.next(in: 1..<body.count)) }
            for _ in 0..<random.next(in: 1..<5) {
                body[random.next(in: 0..<body.count)] = UInt8(truncatingIfNeeded: random.next())
            }
            slices[number].bytes = StateCoder(writing: body).sealed()
            var (report, processor) = Self.restore(slices)
            guard report.isUsable else {
                #expect(report.problem != nil)
                continue
            }
            for new in Self.past.run.processor.directory.sensors { _ = processor.recover(new, sequence: 1) }
            processor.finishRecovery(openRequests: [], lastUpdates: [:], atMs: 0, into: CommitBatch())
        }
    }

    @Test func withoutSavedStateThereIsNoProblemEither() {
        let report = Self.restore([]).report
        #expect(!report.isUsable && report.problem == nil && report.sequence == 0)
    }

    // MARK: Another configuration

    struct Edit: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout PipelineConfiguration) -> Void
        /// Sensors whose detectors begin afresh.
        var afresh: @Sendable (Sensor) -> Bool

        init(
            _ name: String, afresh: @escaping @Sendable (Sensor) -> Bool = { _ in false },
            _ change: @escaping @Sendable (inout PipelineConfiguration) -> Void
        ) {
            (testDescription, self.change, self.afresh) = (name, change, afresh)
        }
    }

    static func each(_ change: @escaping @Sendable (Int, inout Sensor) -> Void)
        -> @Sendable (inout PipelineConfiguration) -> Void
    {
        { configuration in
            for number in configuration.registry.indices { change(number, &configuration.registry[number]) }
        }
    }

    @Test(arguments: [
        Edit("nothing") { _ in },
        Edit("sensors change their zones", each { if $0 % 3 == 0 { $1.zone = $0 % 2 == 0 ? "new" : nil } }),
        Edit("all sensors in one zone", each { $1.zone = "all" }),
        Edit("sensors change their gateways", each { if $0 % 4 == 0 { $1.gateway = "gw-new-\($0 % 3)" } }),
        Edit("no gateways any more", each { $1.gateway = nil }),
        Edit(
            "bins become something else", afresh: { $0.kind == .binFill },
            each { if $1.kind == .binFill { $1.kind = .generic } }),
        Edit("an empty registry") { $0.registry = [] },
        Edit("rules are switched off") {
            for rule in [Rule.burst, .binFull, .silence] { $0.policies[rule].isEnabled = false }
        },
        Edit("a longer window", afresh: { $0.id.hasPrefix("wet") }) { $0.detection.wetContact.hours = 20 },
    ])
    func aStartTakesOverWhatItCan(_ edit: Edit) throws {
        let past = Self.past
        let corrections = CommitBatch()
        let configuration = past.city.configuration(edit.change)
        var recovered = past.log.recover(configuration, into: corrections)
        #expect(recovered.restoreReport.isUsable)
        let afresh = past.run.processor.directory.sensors.count { edit.afresh($0) }
        if edit.testDescription != "a longer window" { #expect(recovered.restoreReport.sensorsAfresh == afresh) }
        #expect(
            recovered.restoreReport.sensorsAfresh + recovered.restoreReport.sensorsRestored
                == past.run.processor.directory.sensors.count)
        // It goes on, is saved, and is restored again.
        var run = StateRecoveryTests.Run(processor: recovered, sensors: past.city.city.sensors)
        let later = CommitBatch()
        for step in StormyCity(seed: 12, days: 1...2).steps { run.meet(step, LogInMemory(), into: later) }
        recovered = run.processor
        recovered.saveEverything(into: later)
        var log = past.log
        log.commit(corrections)
        log.commit(later)
        let again = log.recover(configuration, into: CommitBatch())
        #expect(again.restoreReport.isUsable)
        #expect(again.restoreReport.sensorsAfresh == 0)
    }

    /// What is open when the past ends, with rule and sensor.
    static func openRequests(_ isMeant: (ServiceRequest) -> Bool) -> [Int64] {
        past.log.requests.values.filter { $0.status == .open && isMeant($0) }.map(\.id).sorted()
    }

    @Test func whatNoVerdictWouldEverEndIsClosedAtStart() throws {
        let openRules = Set(Self.openRequests { _ in true }.compactMap { Self.past.log.requests[$0]?.detector })
            .sorted()
        try #require(openRules.count >= 2)
        for name in openRules {
            let rule = try #require(Rule(name: name))
            let corrections = CommitBatch()
            _ = Self.past.log.recover(
                Self.past.city.configuration { $0.policies[rule].isEnabled = false }, into: corrections)
            let closed = corrections.requests.filter { $0.status == .closed }.map(\.id).sorted()
            #expect(closed == Self.openRequests { $0.detector == name }, "\(name)")
            let numbers = corrections.updates.map { [$0.requestID, Int64($0.number)] }
            #expect(Set(numbers.map { $0[0] }) == Set(closed))
            for number in numbers { #expect(Int64(Self.past.log.lastUpdates[number[0]] ?? 0) + 1 == number[1]) }
        }
    }

    @Test func aSensorOfAnotherKindHasNoRequestsOfItsFormerLife() {
        let kinds = Dictionary(uniqueKeysWithValues: Self.past.city.city.sensors.map { ($0.id, $0.kind) })
        let faults = Set(Rule.allCases.filter(\.isFault).map(\.name))
        let corrections = CommitBatch()
        _ = Self.past.log.recover(
            Self.past.city.configuration { configuration in
                for number in configuration.registry.indices { configuration.registry[number].kind = .generic }
            }, into: corrections)
        let closed = Set(corrections.requests.filter { $0.status == .closed }.map(\.id))
        let street = Self.openRequests { !faults.contains($0.detector) && kinds[$0.sensorID] != .generic }
        #expect(!street.isEmpty && closed.isSuperset(of: street))
    }

    @Test func aLongerWindowIsLearnedAnewAndNamed() {
        let corrections = CommitBatch()
        let recovered = Self.past.log.recover(
            Self.past.city.configuration { $0.detection.wetContact.hours = 20 }, into: corrections)
        #expect((1...3).contains(recovered.restoreReport.sensorsAfresh))
        #expect(recovered.restoreReport.firstReason?.contains("another length") == true)
    }

    // MARK: Turns

    @Test func aTurnBeginsAtItsTimeAndGoesOnTickByTick() {
        var stream = Stream {
            $0.stateIntervalMs = 600_000
            $0.stateBytesPerEntry = .max
            ($0.stateSteps.bytesPerTick, $0.stateSteps.bytesPerBatch) = (1, 1)
            $0.stateSteps.sensorsPerSlice = 2
        }
        for number in 0..<4 { _ = stream.adopt("bin-\(number)", .binFill) }
        var emitted: [[Int]] = []
        for minute in 0..<16 {
            let batch = stream.batch()
            stream.processor.tick(atMs: Stream.at(Int64(minute)), into: batch)
            emitted.append(batch.stateSlices.map(\.number))
        }
        // Shared, people's requests, two of lanes, two of silence; then ten minutes after the first began.
        let turn = [[0], [1], [2], [3], [4], [5]]
        #expect(emitted == turn + Array(repeating: [], count: 4) + turn)
    }

    @Test func whatNobodyStoresIsNotSaved() {
        var stream = Stream {
            $0.savesState = false
            $0.stateSteps.entriesPerTurn = 1
        }
        let bin = stream.adopt("bin-1", .binFill)
        let batch = stream.batch()
        for minute in 0..<1500 as Range<Int64> {
            stream.processor.take(stream.reading(bin, .fill, minute: minute, value: 40), into: batch)
            stream.processor.tick(atMs: Stream.at(minute), into: batch)
        }
        #expect(batch.stateSlices.isEmpty)
        #expect(!stream.processor.isSaving)
    }

    @Test func aFloodBeginsATurnBeforeItsTime() {
        var stream = Stream { $0.stateSteps.entriesPerTurn = 100 }
        let bin = stream.adopt("bin-1", .binFill)
        let batch = stream.batch()
        stream.processor.tick(atMs: Stream.start, into: batch)
        let first = batch.stateSlices.count { $0.isLast }
        for number in 0..<250 as Range<Int64> {
            stream.processor.take(stream.reading(bin, .fill, minute: number, value: 40), into: batch)
            stream.processor.saveStep(into: batch)
        }
        #expect(first == 1)
        #expect(batch.stateSlices.count { $0.isLast } == 3)
    }

    @Test func aTurnIsNamedByItsPlaceAndEndsOnce() {
        let past = Self.past
        let batch = CommitBatch()
        var processor = past.run.processor
        processor.tick(atMs: past.log.latestMs + 1000, into: batch)
        processor.saveEverything(into: batch)
        let slices = batch.stateSlices.filter { $0.turn == processor.sequence }
        #expect(slices.map(\.number) == Array(0..<slices.count))
        #expect(slices.map(\.isLast) == Array(repeating: false, count: slices.count - 1) + [true])
        #expect(slices.allSatisfy { $0.sequence == processor.sequence })
        let again = CommitBatch()
        processor.saveEverything(into: again)
        #expect(again.stateSlices.isEmpty)
    }

    @Test func stateIsSavedLessOftenThanItIsLarge() {
        var stream = Stream { ($0.stateIntervalMs, $0.stateBytesPerEntry) = (60_000, 64) }
        for number in 0..<200 { _ = stream.adopt("bin-\(number)", .binFill) }
        let batch = stream.batch()
        for minute in 0..<(3 * 1440) { stream.processor.tick(atMs: Stream.at(Int64(minute)), into: batch) }
        let bytes = batch.stateSlices.reduce(0) { $0 + $1.bytes.count }
        let turns = batch.stateSlices.count { $0.isLast }
        #expect(turns >= 3)
        #expect(bytes <= 64 * (batch.events.count + 1440))
    }

    /// Bins that had been silent are heard again, and the state is saved before the tick that says so.
    @Test func whatHappensBetweenTwoTicksIsSavedToo() {
        var past = Stream {
            $0.registry = (0..<8).map { number in
                var sensor = Sensor(id: "bin-\(number)", kind: .binFill)
                (sensor.expectedIntervalS, sensor.gateway) = (600, number < 4 ? "gw" : nil)
                return sensor
            }
        }
        let batch = past.batch()
        past.processor.connection(isUp: true, source: 1, atMs: Stream.start, into: batch)
        let bins = (0..<8).map { past.adopt("bin-\($0)", .binFill) }
        for minute in 0..<90 as Range<Int64> {
            // Number 7 goes on: the silence of the others is their own, and their gateway's.
            for bin in bins where minute % 10 == 0 && (minute < 20 || bin.rawValue == 7) {
                past.processor.take(
                    past.reading(bin, .fill, minute: minute, value: Double(minute), source: 1), into: batch)
            }
            past.processor.tick(atMs: Stream.at(minute), into: batch)
        }
        for bin in bins { past.processor.take(past.reading(bin, .fill, minute: 90, value: 3, source: 1), into: batch) }
        let saved = past.batch()
        past.processor.saveEverything(into: saved)
        var restored = StreamProcessor(configuration: past.processor.configuration)
        #expect(restored.restore(saved.stateSlices).isUsable)
        for sensor in past.processor.directory.sensors { _ = restored.recover(sensor, sequence: 1) }
        restored.expect(
            requestIDs: Dictionary(
                batch.requests.map { ($0.incidentKey, $0.id) }, uniquingKeysWith: { first, _ in first }))
        let (expected, found) = (past.batch(), past.batch())
        past.processor.connection(isUp: false, source: 1, atMs: Stream.at(90), into: expected)
        restored.finishRecovery(openRequests: [], lastUpdates: [:], atMs: Stream.at(90), into: found)
        // Said twice within the minute: nothing new, and no line of the log either.
        let again = past.reading(bins[0], .fill, minute: 90, value: 3, source: 1)
        past.processor.take(again, into: expected)
        restored.take(again, into: found)
        past.processor.connection(isUp: true, source: 1, atMs: Stream.at(90), into: expected)
        restored.connection(isUp: true, source: 1, atMs: Stream.at(90), into: found)
        for minute in 91..<200 as Range<Int64> {
            past.processor.tick(atMs: Stream.at(minute), into: expected)
            restored.tick(atMs: Stream.at(minute), into: found)
        }
        #expect(StateRecoveryTests.differences(expected, found).isEmpty)
        #expect(expected.events.allSatisfy { $0.kind != .heard })
        #expect(expected.decisions.count { $0.event == .requestClosed } == 4)
        #expect(expected.decisions.contains { $0.event == .requestReopened })
    }

    @Test func anEmptyStreamHasNothingToSave() {
        let batch = CommitBatch()
        var processor = Stream().processor
        processor.saveEverything(into: batch)
        #expect(batch.isEmpty)
    }
}
