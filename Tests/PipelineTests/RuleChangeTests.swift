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
            // Nights are days there, departments have other names, and leaks are nobody's to know.
            "elsewhere": city.configuration {
                $0.zone = ZoneTable(fixedOffsetSeconds: 12 * 3600)
                var services = ServiceCatalog.standard.services
                for place in services.indices {
                    services[place].agency = "Elsewhere"
                    services[place].promiseHours = [4, 3, 2, 1]
                    if services[place].code == .waterLeak { services[place].visibility = .coarse(metres: 500) }
                }
                $0.catalog = ServiceCatalog(services)
            },
        ]
    }

    /// A registry that has been edited: sensors stand elsewhere, hang on other gateways, are something else, or are not in it.
    static func edited(_ city: StormyCity, edition: Int, _ random: inout SeededGenerator) -> [Sensor] {
        var registry = city.city.sensors
        for place in registry.indices where random.nextUnit() < 0.3 {
            let other = city.city.sensors[random.next(in: 0..<registry.count)]
            switch random.next(in: 0..<6) {
            case 0, 1: registry[place].zone = random.nextUnit() < 0.2 ? nil : other.zone
            case 2: registry[place].gateway = random.nextUnit() < 0.3 ? nil : other.gateway ?? "gw-elsewhere"
            case 3: (registry[place].ward, registry[place].position) = (other.ward, other.position)
            case 4: registry[place].expectedIntervalS = [nil, 300, 7200][random.next(in: 0..<3)]
            default: registry[place].kind = random.nextUnit() < 0.1 ? .generic : registry[place].kind
            }
        }
        // Somebody has always changed, and some are forgotten.
        for place in registry.indices { registry[place].address = "\(edition) Mill Lane" }
        return registry.filter { _ in random.nextUnit() < 0.95 }
    }

    static func change(to name: String, _ configuration: PipelineConfiguration, atMs: Int64) -> RuleSwitch {
        RuleSwitch(rules: RuleText(hash: name, text: "# \(name)"), configuration: configuration, atMs: atMs)
    }

    /// Rules and registry change while it runs; the registry also while nobody does, between a crash and the next start.
    @Test(arguments: [1, 2, 5, 6, 7, 21] as [UInt64])
    func aRunBegunAgainMeetsTheSameRulesAndSensorsInTheSamePlaces(seed: UInt64) throws {
        let city = StormyCity(seed: seed, days: -8...2, hasPeople: true)
        let known = Self.rules(of: city)
        let names = known.keys.sorted()
        var random = SeededGenerator(seed: seed &+ 200)
        let sensors = city.city.sensors
        var never = StateRecoveryTests.Run(
            processor: StreamProcessor(configuration: city.configuration()), sensors: sensors)
        var often = never
        var log = LogInMemory()
        var registry = city.city.sensors
        var edition = 0
        let crashes = Set((0..<24).map { _ in random.next(in: 1..<city.steps.count) })
        let changes = Set((0..<32).map { _ in random.next(in: 1..<city.steps.count) })
        func edit() {
            edition += 1
            registry = Self.edited(city, edition: edition, &random)
        }
        let (expected, found) = (CommitBatch(), CommitBatch())
        for (number, step) in city.steps.enumerated() {
            never.meet(step, log, into: expected)
            often.meet(step, log, into: found)
            if random.next(in: 0..<40) == 0 { often.processor.saveNext(into: found, budget: 1) }
            if changes.contains(number) {
                let name = names[random.next(in: 0..<names.count)]
                if random.nextUnit() < 0.7 { edit() }
                var rules = known[name] ?? city.configuration()
                rules.registry = registry
                let change = Self.change(to: name, rules, atMs: log.latestMs)
                never.processor.take(change, into: expected)
                often.processor.take(change, into: found)
            }
            let isCrash = crashes.contains(number)
            guard isCrash || number % 64 == 63 || changes.contains(number) else { continue }
            let differences = StateRecoveryTests.differences(expected, found)
            try #require(differences.isEmpty, "after step \(number) of seed \(seed): \(differences)")
            log.commit(found)
            expected.reset()
            found.reset()
            guard isCrash else { continue }
            for source in never.processor.connectedSources {
                never.processor.connection(isUp: false, source: source, atMs: log.latestMs, into: expected)
            }
            if random.nextUnit() < 0.5 {
                edit()
                let today = city.configuration { $0.registry = registry }
                never.processor.take(registryOf: today, atMs: log.latestMs, into: expected)
            }
            often.processor = log.recover(city.configuration(), rules: known, registry: registry, into: found)
            let corrections = StateRecoveryTests.differences(expected, found)
            try #require(corrections.isEmpty, "when begun again at step \(number) of seed \(seed): \(corrections)")
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
        #expect(log.requests.values.count { $0.sensorCount > 1 } > 2)
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

    /// The command was asked for before the reading arrived that opened the request, and met after it.
    @Test func aRuleThatIsSwitchedOffLetsGoOfARequestThatIsYoungerThanTheWord() throws {
        var (stream, _, request) = burning()
        let open = try #require(request)
        var calm = PipelineConfiguration()
        calm.policies[.binFire].isEnabled = false
        let batch = stream.batch()
        let askedAtMs = open.requestedAtMs - 1
        stream.processor.take(Self.change(to: "calm", calm, atMs: askedAtMs), into: batch)
        #expect(batch.requests.map(\.id) == [open.id])
        #expect(batch.requests.map(\.status) == [.closed])
        #expect(batch.updates.map(\.atMs) == [open.updatedAtMs])
    }

    /// A request's key is unique in the store.
    @Test func anIncidentThatRulesLetGoOfAndMeetAgainHasItsRequestAgain() throws {
        var (stream, bin, request) = burning()
        let open = try #require(request)
        var calm = PipelineConfiguration()
        calm.policies[.binFire].isEnabled = false
        let batch = stream.batch()
        stream.processor.take(Self.change(to: "calm", calm, atMs: Stream.at(61)), into: batch)
        stream.processor.take(Self.change(to: "as before", PipelineConfiguration(), atMs: Stream.at(62)), into: batch)
        stream.processor.take(stream.reading(bin, .temperature, minute: 65, value: 80), into: batch)
        let again = try #require(batch.requests.last)
        #expect(again.status == .open)
        #expect(again.incidentKey == open.incidentKey)
        #expect(again.id == open.id)
        // Its history goes on behind what was said of it.
        #expect(batch.updates.map(\.number) == [2, 3])
        #expect(batch.updates.map(\.status) == [.closed, .open])
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
