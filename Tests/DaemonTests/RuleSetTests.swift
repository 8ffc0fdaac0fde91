import Daemon
import Incidents
import Testing

/// The version of a rule set: what the log of rules and the operators know it by.
@Suite struct RuleSetTests {
    private func hash(_ text: String) throws -> String {
        try Configuration.parse(text, source: "test", files: .none).ruleSet.hash
    }

    @Test(arguments: [
        "rules: {bin-fire: {clear: 2h}}",
        "rules: {bin-fire: {enabled: false}}",
        "rules: {bin-fire: {severity: 1}}",
        "rules: {bin-full: {least_score: 2}}",
        "detection: {bin: {full_percent: 70}}",
        "overrides: [{wards: Aston, rules: {bin-fire: {clear: 2h}}}]",
        "overrides: [{wards: Ladywood, rules: {bin-fire: {clear: 2h}}}]",
        "overrides: [{zones: Aston, rules: {bin-fire: {clear: 2h}}}]",
        "overrides: [{wards: Aston, rules: {bin-fire: {clear: 3h}}}]",
        "overrides: [{wards: Aston, detection: {bin: {full_percent: 70}}}]",
        "routing: [{service: water-leak, agency: Night Crew}]",
        "routing: [{service: water-leak, agency: Day Crew}]",
        "routing: [{service: water-leak, agency: Night Crew, hours: 22:00-06:00}]",
        "routing: [{service: water-leak, agency: Night Crew, parts: [{service: traffic-anomaly, agency: Highways}]}]",
        "sensors: {mode: allow_list}", "sensors: {max: 10}", "sensors: {rate: 1}", "sensors: {burst: 1}",
        "time: {dedup_horizon: 2h}", "time: {clock_ahead_max: 1m}",
    ])
    func whateverDecidesIsPartOfItsHash(text: String) throws {
        #expect(try hash(text) != hash(""), "\(text)")
        #expect(try hash(text) == hash("# said otherwise\n\(text)\nhttp: {port: 1}"), "\(text)")
    }

    @Test func noTwoOfThemShareOne() throws {
        let texts = [
            "", "overrides: [{wards: Aston, rules: {bin-fire: {clear: 2h}}}]",
            "overrides: [{wards: Ladywood, rules: {bin-fire: {clear: 2h}}}]",
            "overrides: [{zones: Aston, rules: {bin-fire: {clear: 2h}}}]",
            "overrides: [{wards: Aston, rules: {bin-fire: {clear: 3h}}}]",
            "routing: [{service: water-leak, agency: Night Crew}]",
            "routing: [{service: water-leak, agency: Day Crew}]",
            "routing: [{service: water-leak, agency: Night Crew, hours: 22:00-06:00}]",
        ]
        #expect(Set(try texts.map(hash)).count == texts.count)
    }
}
