import Detection
import Incidents
import Open311
import Readings
import Testing

/// Other rules for some sensors, and scores from which on a rule may open.
@Suite struct OverrideTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var asks: @Sendable (inout RuleOverride) -> Void
        var fits: Bool
    }

    @Test(arguments: [
        Case(testDescription: "everything", asks: { _ in }, fits: true),
        Case(testDescription: "its kind", asks: { $0.kinds = [.traffic, .waterLeak] }, fits: true),
        Case(testDescription: "another kind", asks: { $0.kinds = [.traffic] }, fits: false),
        Case(testDescription: "its zone", asks: { $0.zones = ["Aston"] }, fits: true),
        Case(testDescription: "another zone", asks: { $0.zones = ["Asto"] }, fits: false),
        Case(testDescription: "its ward", asks: { $0.wards = ["Ladywood", "Aston"] }, fits: true),
        Case(testDescription: "its id", asks: { $0.sensors = ["flow-1"] }, fits: true),
        Case(testDescription: "a longer id", asks: { $0.sensors = ["flow-12"] }, fits: false),
        Case(testDescription: "the beginning of its id", asks: { $0.sensors = ["bin-*", "flow-*"] }, fits: true),
        Case(
            testDescription: "its kind in another ward", asks: { ($0.kinds, $0.wards) = ([.waterLeak], ["Erdington"]) },
            fits: false),
    ])
    func asksForAllThatIsGiven(_ c: Case) {
        var override = RuleOverride()
        c.asks(&override)
        #expect(override.fits(.flow("flow-1", zone: "Aston")) == c.fits)
    }

    @Test func aSensorWithoutWardFitsNoWard() {
        var override = RuleOverride()
        override.wards = ["Aston"]
        #expect(!override.fits(Sensor(id: "flow-1", kind: .waterLeak)))
    }

    /// Two zones; in Aston bursts are graver and wait for half an hour, in both they are off for `flow-3`.
    private static func street() -> Street {
        var patient = RuleOverride()
        patient.zones = ["Aston"]
        patient.settings.policies[.burst].severity = 4
        patient.settings.policies[.burst].lifecycle.pendingMs = 30 * 60_000
        var off = RuleOverride()
        off.sensors = ["flow-3"]
        off.settings.policies[.burst].isEnabled = false
        var street = Street(rule: .burst)
        street.directory = SensorDirectory(zone: .utc, overrides: [off, patient])
        for (id, zone) in [("flow-1", "Aston"), ("flow-2", "Nechells"), ("flow-3", "Aston")] {
            street.directory.append(.flow(id, zone: zone))
        }
        return street
    }

    @Test func theFirstThatFitsCounts() {
        var street = Self.street()
        let subject = { (number: UInt32) in Subject.sensor(SensorIndex(rawValue: number)) }
        #expect(street.apply("a", minute: 0, subject: subject(0)).requests.isEmpty)
        let other = street.apply("a", minute: 0, subject: subject(1)).requests
        #expect(other.map(\.severity) == [3])
        #expect(street.apply("c", minute: 0, subject: subject(2)).requests.isEmpty)
        let patient = street.apply("a", minute: 30, subject: subject(0)).requests
        #expect(patient.map(\.severity) == [4])
        #expect(street.directory.override(of: SensorIndex(rawValue: 1)) == nil)
    }

    @Test func aRuleOpensOnlyFromItsLeastScoreOnAndGoesOnBelowIt() {
        var policies = RulePolicies()
        policies[.burst].leastScore = 6
        policies[.burst].lifecycle = LifecyclePolicy(pendingMs: 0, clearMs: 0, holdOffMs: 0)
        var street = Street(rule: .burst, sensors: [.flow("flow-1", zone: "Aston")])
        street.book = IncidentBook(policies: policies)
        #expect(street.apply("c", minute: 0, score: 5.9).requests.isEmpty)
        #expect(street.book.active(SensorIndex(rawValue: 0)).isEmpty)
        #expect(street.apply("a", minute: 1, score: 6).requests.count == 1)
        _ = street.apply("a", minute: 2, score: 3)
        #expect(street.book.active(SensorIndex(rawValue: 0)).contains(.burst))
        #expect(street.apply("n", minute: 3, score: 0).requests.last?.status == .closed)
    }

    @Test func theSignatureTellsOfItOnlyWhereItIsSet() {
        var settings = RuleSettings()
        let before = RuleSignatures(settings)[.burst]
        settings.policies[.burst].leastScore = 6
        let after = RuleSignatures(settings)[.burst]
        #expect(!before.content.contains("least_score") && after.content.contains("least_score=6.0"))
        #expect(before.hash != after.hash)
    }
}
