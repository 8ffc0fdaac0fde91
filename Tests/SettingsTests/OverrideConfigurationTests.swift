import Settings
import Detection
import Incidents
import Readings
import Testing

/// The list `overrides` of the configuration file.
@Suite struct OverrideConfigurationTests {
    private func load(_ yaml: String, _ environment: [String: String] = [:]) throws -> Configuration.Loaded {
        try Configuration.parse(yaml, source: "s", environment: environment, files: .none)
    }

    private func problems(_ yaml: String) -> String {
        do {
            _ = try load(yaml)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func itemsBeginAsWhatIsSetForAllWhereverThatStands() throws {
        let yaml = """
            overrides:
              - {kinds: water-leak, wards: Aston, rules: {burst: {severity: 4}}}
              - sensors: flow-1*, flow-9
                zones: north
                detection: {night_flow: {limit: 7}}
            rules: {burst: {pending: 1h}}
            detection: {night_flow: {slack: 0.8}}
            """
        let configuration = try load(yaml).configuration
        try #require(configuration.overrides.count == 2)
        let (first, second) = (configuration.overrides[0], configuration.overrides[1])
        #expect(first.kinds == [.waterLeak] && first.wards == ["Aston"] && first.sensors == nil)
        #expect(first.settings.policies[.burst].severity == 4)
        #expect(first.settings.policies[.burst].lifecycle.pendingMs == 3_600_000)
        #expect(first.settings.detection == configuration.detection)
        #expect(second.sensors == ["flow-1*", "flow-9"] && second.zones == ["north"])
        #expect(second.settings.detection.nightFlow.test.limit == 7)
        #expect(second.settings.detection.nightFlow.test.slack == 0.8)
        #expect(second.settings.policies == configuration.rules)
        #expect(configuration.rules[.burst].severity == 3)
    }

    @Test func onlyWhatAnItemSetsIsShown() throws {
        let loaded = try load("overrides: [{zones: north, rules: {burst: {least_score: 5}}}]")
        let shown = loaded.settings.filter { $0.key.hasPrefix("overrides") }.map(\.key)
        #expect(shown == ["overrides[0].zones", "overrides[0].rules.burst.least_score"])
    }

    @Test func theEnvironmentReachesThem() throws {
        let yaml = "overrides: [{zones: north, rules: {burst: {severity: 2}}}]"
        let loaded = try load(yaml, ["SLUICE_OVERRIDES_0_RULES_BURST_SEVERITY": "1"])
        #expect(loaded.configuration.overrides[0].settings.policies[.burst].severity == 1)
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var yaml: String
        var problem: String
    }

    @Test(arguments: [
        Mistake(
            testDescription: "nobody is meant", yaml: "overrides: [{rules: {burst: {severity: 4}}}]",
            problem: "overrides[0]: says of no sensors: give it kinds, zones, wards or sensors"),
        Mistake(
            testDescription: "an unknown kind", yaml: "overrides: [{kinds: water}]",
            problem:
                "overrides[0].kinds: must be kinds with commas between them (water-leak, traffic, bin-fill, generic)"),
        Mistake(
            testDescription: "thresholds that contradict each other",
            yaml: "overrides: [{zones: a, detection: {bin: {clear_percent: 90}}}]",
            problem: "overrides[0].detection.bin: must have 0 < clear_percent < full_percent"),
        Mistake(
            testDescription: "silence, which is judged of all",
            yaml: "overrides: [{zones: a, detection: {silence: {missed_intervals: 9}}}]",
            problem: "overrides[0].detection.silence: unknown key"),
        Mistake(
            testDescription: "a score for what has none", yaml: "rules: {silence: {least_score: 5}}",
            problem: "rules.silence.least_score: unknown key"),
    ])
    func mistakesAreNamed(_ c: Mistake) {
        #expect(problems(c.yaml).contains(c.problem), "\(problems(c.yaml))")
    }

    @Test func anItemThatChangesNothingIsWarnedOf() throws {
        let warnings = try load("overrides: [{zones: north}]").warnings
        #expect(warnings.contains { $0.contains("changes nothing of what is set for all sensors") })
    }
}
