import Incidents
import Pipeline
import Readings
import Testing

/// Rules about sensors that introduce themselves.
@Suite struct AdoptionTests {
    private static func rule(_ name: String, _ set: (inout AdoptionRule) throws -> Void) rethrows -> AdoptionRule {
        var rule = AdoptionRule(name: name)
        try set(&rule)
        return rule
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var rules: [AdoptionRule]
        var mode = PipelineConfiguration.AdmissionMode.allowList
        var introduction: Introduction
        /// By which rule it is adopted, "" for by none; nil: refused.
        var adoptedBy: String?
    }

    private static let bin = Introduction(
        id: "bin-7", kind: .binFill, gateway: "gw", route: "ttn", topic: "v3/north/devices/bin-7/up")

    @Test(arguments: [
        Case(testDescription: "no rule, an allow list", rules: [], introduction: bin),
        Case(testDescription: "no rule, all are adopted", rules: [], mode: .adopt, introduction: bin, adoptedBy: ""),
        Case(
            testDescription: "by its route", rules: [rule("r") { $0.routes = ["other", "ttn"] }], introduction: bin,
            adoptedBy: "r"),
        Case(testDescription: "another route", rules: [rule("r") { $0.routes = ["other"] }], introduction: bin),
        Case(
            testDescription: "by its topic", rules: [rule("r") { $0.topic = try? TopicPattern("v3/+/devices/#") }],
            introduction: bin, adoptedBy: "r"),
        Case(
            testDescription: "another topic", rules: [rule("r") { $0.topic = try? TopicPattern("v3/south/#") }],
            introduction: bin),
        Case(
            testDescription: "by its kind", rules: [rule("r") { $0.kinds = [.traffic, .binFill] }], introduction: bin,
            adoptedBy: "r"),
        Case(
            testDescription: "by its id", rules: [rule("r") { $0.sensors = ["bin-7"] }], introduction: bin,
            adoptedBy: "r"),
        Case(
            testDescription: "by how its id begins", rules: [rule("r") { $0.sensors = ["bin-*"] }], introduction: bin,
            adoptedBy: "r"),
        Case(
            testDescription: "all that is given must fit",
            rules: [
                rule("r") {
                    $0.sensors = ["bin-*"]
                    $0.kinds = [.traffic]
                }
            ], introduction: bin),
        Case(
            testDescription: "the first that fits decides",
            rules: [
                rule("no") { ($0.sensors, $0.verdict) = (["bin-7"], .refuse) }, rule("yes") { $0.kinds = [.binFill] },
            ], mode: .adopt, introduction: bin),
        Case(
            testDescription: "a topic that is not known fits no rule about topics",
            rules: [rule("r") { $0.topic = try? TopicPattern("#") }],
            introduction: Introduction(id: "bin-7", kind: .binFill)),
    ])
    func decides(_ c: Case) {
        var stream = Stream { ($0.adoption, $0.admission) = (c.rules, c.mode) }
        let batch = stream.batch()
        let admission = stream.processor.admit(c.introduction, nowMs: 5, into: batch)
        guard let adoptedBy = c.adoptedBy else {
            #expect(admission == .refused(.unknownSensor))
            #expect(batch.newSensors.isEmpty)
            return
        }
        #expect(admission == .admitted(SensorIndex(rawValue: 0)))
        #expect(batch.newSensors.map { $0.sensor.adoptedBy ?? "" } == [adoptedBy])
        #expect(batch.newSensors.map(\.sensor.gateway) == ["gw"])
    }

    @Test func aRuleSaysWhatCountsAsKnown() throws {
        let rule = try Self.rule("r") { rule in
            rule.topic = try TopicPattern("v3/{area}/devices/{device}/up")
            (rule.zone, rule.ward, rule.site, rule.owner) = ("{area}-{device}", "Aston", "{area}", "Waste")
            rule.intervalS = 1800
        }
        var stream = Stream { $0.adoption = [rule] }
        let batch = stream.batch()
        _ = stream.processor.admit(Self.bin, nowMs: 5, into: batch)
        let sensor = try #require(batch.newSensors.first?.sensor)
        #expect(sensor.zone == "north-bin-7" && sensor.ward == "Aston" && sensor.site == "north")
        #expect(sensor.owner == "Waste" && sensor.expectedIntervalS == 1800)
    }

    @Test func noMoreThanItsLimitAreAdoptedByARuleAlsoAfterARestart() {
        let rule = Self.rule("trial") { ($0.kinds, $0.limit) = ([.binFill], 2) }
        var stream = Stream { $0.adoption = [rule] }
        let batch = stream.batch()
        func admit(_ id: String, _ processor: inout StreamProcessor) -> Admission {
            processor.admit(Introduction(id: id, kind: .binFill), nowMs: 5, into: batch)
        }
        #expect(admit("a", &stream.processor) == .admitted(SensorIndex(rawValue: 0)))
        #expect(admit("b", &stream.processor) == .admitted(SensorIndex(rawValue: 1)))
        #expect(admit("c", &stream.processor) == .refused(.tooManySensors))
        #expect(admit("a", &stream.processor) == .admitted(SensorIndex(rawValue: 0)))
        #expect(batch.decisions.last?.reason.contains("trial") == true)

        var again = Stream { $0.adoption = [rule] }
        for met in batch.newSensors { _ = again.processor.recover(met.sensor, sequence: met.sequence) }
        #expect(admit("c", &again.processor) == .refused(.tooManySensors))
        // One of them is registered by now: it takes no place of the rule's any more.
        var today = PipelineConfiguration()
        today.registry = [Sensor(id: "b", kind: .binFill)]
        again.processor.take(registryOf: today, atMs: 6, into: again.batch())
        #expect(admit("c", &again.processor) == .admitted(SensorIndex(rawValue: 2)))
        #expect(admit("d", &again.processor) == .refused(.tooManySensors))
    }

    @Test func theRegistryStandsAboveTheRules() {
        let rule = Self.rule("no") { ($0.kinds, $0.verdict) = ([.binFill], .refuse) }
        var stream = Stream { ($0.adoption, $0.registry) = ([rule], [Sensor(id: "bin-7", kind: .binFill)]) }
        #expect(
            stream.processor.admit(Self.bin, nowMs: 5, into: stream.batch()) == .admitted(SensorIndex(rawValue: 0)))
    }
}
