import Detection
import Incidents
import Open311
import Pipeline
import Readings
import Simulation
import Testing

/// Other rules, another registry, in the middle of the stream.
@Suite struct RuleChangeTests {
    /// Rule sets that a storm changes between, by their hash.
    static func rules(of city: StormyCity) -> [String: PipelineConfiguration] {
        [
            "as before": city.configuration(),
            "early bins": city.configuration {
                ($0.detection.bin.fullPercent, $0.detection.bin.clearPercent) = (50, 40)
                $0.policies[.binFull].severity = 4
            },
            "no silence": city.configuration {
                for rule in [Rule.silence, .gatewaySilence, .congestion] { $0.policies[rule].isEnabled = false }
                $0.readingsPerSecond = 1
            },
            "moved": city.configuration {
                for place in $0.registry.indices where place % 3 == 0 {
                    $0.registry[place].gateway = place % 2 == 0 ? nil : "gw-elsewhere"
                    $0.registry[place].address = "\(place) Mill Lane"
                }
            },
        ]
    }

    static func change(to name: String, _ configuration: PipelineConfiguration, atMs: Int64) -> RuleSwitch {
        RuleSwitch(rules: RuleText(hash: name, text: "# \(name)"), configuration: configuration, atMs: atMs)
    }

    @Test(arguments: [5, 6, 7] as [UInt64])
    func aRunBegunAgainMeetsTheSameRulesInTheSamePlaces(seed: UInt64) throws {
        let city = StormyCity(seed: seed, days: -8...2, hasPeople: true)
        let known = Self.rules(of: city)
        let names = known.keys.sorted()
        var random = SeededGenerator(seed: seed &+ 200)
        let sensors = city.city.sensors
        var never = StateRecoveryTests.Run(
            processor: StreamProcessor(configuration: city.configuration()), sensors: sensors)
        var often = never
        var log = LogInMemory()
        let crashes = Set((0..<24).map { _ in random.next(in: 1..<city.steps.count) })
        let changes = Set((0..<16).map { _ in random.next(in: 1..<city.steps.count) })
        let (expected, found) = (CommitBatch(), CommitBatch())
        for (number, step) in city.steps.enumerated() {
            never.meet(step, log, into: expected)
            often.meet(step, log, into: found)
            if random.next(in: 0..<40) == 0 { often.processor.saveNext(into: found, budget: 1) }
            if changes.contains(number) {
                let name = names[random.next(in: 0..<names.count)]
                let change = Self.change(to: name, known[name] ?? city.configuration(), atMs: log.latestMs)
                never.processor.take(change, into: expected)
                often.processor.take(change, into: found)
            }
            let isCrash = crashes.contains(number)
            guard isCrash || number % 64 == 63 || changes.contains(number) else { continue }
            let differences = StateRecoveryTests.differences(expected, found)
            try #require(differences.isEmpty, "after step \(number) of seed \(seed)")
            log.commit(found)
            expected.reset()
            found.reset()
            guard isCrash else { continue }
            for source in never.processor.connectedSources {
                never.processor.connection(isUp: false, source: source, atMs: log.latestMs, into: expected)
            }
            often.processor = log.recover(city.configuration(), rules: known, into: found)
            let corrections = StateRecoveryTests.differences(expected, found)
            try #require(corrections.isEmpty, "when begun again at step \(number) of seed \(seed)")
            log.commit(found)
            expected.reset()
            found.reset()
            try #require(never.bytes == often.bytes, "state at step \(number) of seed \(seed)")
            for source in 1...2 {
                let up = StormyCity.Step.connection(isUp: true, source: source, atMs: log.latestMs)
                never.meet(up, log, into: expected)
                often.meet(up, log, into: found)
            }
        }
        #expect(log.requests.count > 10)
    }

    @Test func aChangeToTheSameRulesChangesNothing() throws {
        let city = StormyCity(seed: 8, days: -6...2, hasPeople: true)
        let sensors = city.city.sensors
        var plain = StateRecoveryTests.Run(
            processor: StreamProcessor(configuration: city.configuration()), sensors: sensors)
        var changed = plain
        let (expected, found) = (CommitBatch(), CommitBatch())
        var log = LogInMemory()
        for (number, step) in city.steps.enumerated() {
            plain.meet(step, log, into: expected)
            changed.meet(step, log, into: found)
            if number % 997 == 0 {
                changed.processor.take(
                    Self.change(to: "same", city.configuration(), atMs: log.latestMs), into: found)
                #expect(found.ruleChanges.last?.sensorsAfresh == 0)
            }
            guard number % 64 == 63 else { continue }
            let isKept = { (decision: Decision) in decision.event != .sensorShed }
            try #require(expected.requests == found.requests, "step \(number)")
            try #require(expected.updates == found.updates, "step \(number)")
            try #require(expected.incidents == found.incidents, "step \(number)")
            try #require(expected.decisions.filter(isKept) == found.decisions.filter(isKept), "step \(number)")
            try #require(expected.readings.map(\.reading) == found.readings.map(\.reading), "step \(number)")
            log.commit(expected)
            expected.reset()
            found.reset()
        }
        #expect(log.requests.count > 10)
    }

    /// A bin that burns, and its request.
    private func burning() -> (stream: Stream, bin: SensorIndex, request: ServiceRequest?) {
        var stream = Stream()
        let bin = stream.adopt("bin-1", .binFill)
        let batch = stream.batch()
        for minute in 0..<12 {
            let value = minute < 6 ? 12.0 : 80
            stream.processor.take(
                stream.reading(bin, .temperature, minute: Int64(minute) * 5, value: value), into: batch)
        }
        return (stream, bin, batch.requests.last)
    }

    @Test func aRuleThatIsSwitchedOffLetsGoOfItsRequest() throws {
        var (stream, _, request) = burning()
        let open = try #require(request)
        #expect(open.status == .open)
        var calm = PipelineConfiguration()
        calm.policies[.binFire].isEnabled = false
        let batch = stream.batch()
        stream.processor.take(Self.change(to: "calm", calm, atMs: Stream.at(61)), into: batch)
        #expect(batch.commands.count == 1)
        #expect(batch.ruleChanges.map(\.hash) == ["calm"])
        #expect(batch.ruleChanges.map(\.sensorsKept) == [1])
        let closed = try #require(batch.requests.last)
        #expect(closed.id == open.id)
        #expect(closed.status == .closed)
        #expect(closed.statusNotes == "Closed: the rules or the registry have changed, and no longer raise it.")
        #expect(batch.updates.map(\.status) == [.closed])
    }

    @Test func anIncidentGoesOnUnderRulesThatStillRaiseIt() throws {
        var (stream, bin, request) = burning()
        let open = try #require(request)
        var hotter = PipelineConfiguration()
        hotter.detection.bin.fireC = 70
        let batch = stream.batch()
        stream.processor.take(Self.change(to: "hotter", hotter, atMs: Stream.at(61)), into: batch)
        #expect(batch.requests.isEmpty)
        for minute in 13..<40 {
            stream.processor.take(
                stream.reading(bin, .temperature, minute: Int64(minute) * 5, value: 12), into: batch)
        }
        #expect(batch.requests.last?.id == open.id)
        #expect(batch.requests.last?.status == .closed)
        #expect(Set(batch.requests.map(\.id)) == [open.id])
    }

    @Test func whatTheRegistrySaysNowIsStoredAndKeepsTheSensorsNumber() throws {
        var stream = Stream()
        let bin = stream.adopt("bin-1", .binFill)
        _ = stream.adopt("bin-2", .binFill)
        var named = PipelineConfiguration()
        var sensor = Sensor(id: "bin-1", kind: .binFill)
        sensor.address = "5 Mill Lane"
        named.registry = [sensor]
        let batch = stream.batch()
        stream.processor.take(Self.change(to: "named", named, atMs: Stream.at(1)), into: batch)
        #expect(batch.newSensors.map(\.index) == [bin])
        #expect(batch.newSensors.map(\.sensor.address) == ["5 Mill Lane"])
        #expect(stream.processor.directory[bin].address == "5 Mill Lane")
        // Once is enough.
        batch.reset()
        stream.processor.take(Self.change(to: "named", named, atMs: Stream.at(2)), into: batch)
        #expect(batch.newSensors.isEmpty)
    }

    @Test func everyRuleSetHasAHashOfItsOwn() {
        var hashes = [RuleSignatures(detection: DetectionParameters(), policies: RulePolicies()).hash]
        var detection = DetectionParameters()
        detection.bin.fullPercent = 81
        hashes.append(RuleSignatures(detection: detection, policies: RulePolicies()).hash)
        for change in [
            { (policies: inout RulePolicies) in policies[.binFull].isEnabled = false },
            { (policies: inout RulePolicies) in policies[.binFull].severity = 1 },
            { (policies: inout RulePolicies) in policies[.burst].lifecycle.holdOffMs += 1 },
        ] {
            var policies = RulePolicies()
            change(&policies)
            hashes.append(RuleSignatures(detection: DetectionParameters(), policies: policies).hash)
        }
        #expect(Set(hashes).count == hashes.count)
        #expect(hashes[0] == RuleSignatures(detection: DetectionParameters(), policies: RulePolicies()).hash)
    }
}
