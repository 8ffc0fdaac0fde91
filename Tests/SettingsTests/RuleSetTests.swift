import Settings
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
        "time: {dedup_horizon: 2h}", "time: {clock_ahead_max: 1m}", "time: {zone: Europe/Warsaw}",
        "services: [{code: water-leak, agency: Night Crew}]",
        "services: [{code: water-leak, promise: '4d, 3d, 2d, 1d'}]",
        "services: [{code: water-leak, visibility: hidden}]", "services: [{code: lamp}]",
    ])
    func whateverDecidesIsPartOfItsHash(text: String) throws {
        #expect(try hash(text) != hash(""), "\(text)")
        #expect(try hash(text) == hash("# said otherwise\n\(text)\nhttp: {port: 1}"), "\(text)")
    }

    /// A file that is read again may say something of services and clock that waits for a restart.
    @Test func theLogHasTheServicesAndTheClockThatHeld() throws {
        func parse(_ text: String) throws -> Configuration.Loaded {
            try Configuration.parse(text, source: "test", files: .none)
        }
        let begun = try parse("services: [{code: water-leak, agency: North}]").naming(zone: "Europe/London")
        #expect(begun.ruleSet.started == nil, "one file says it all")
        let next = try parse(
            "services: [{code: water-leak, agency: South}]\ntime: {zone: Asia/Tokyo}\nrules: {bin-fire: {severity: 1}}")
        let logged = next.ruleSet(of: begun)
        let read = try Configuration(logged)
        #expect(read.services == begun.configuration.services)
        #expect(read.time.zone == "Europe/London")
        #expect(read.rules == next.configuration.rules)
        // From the next start on it is the new file.
        let last = try Configuration(next.naming(zone: "Europe/London").ruleSet)
        #expect(last.services == next.configuration.services && last.time.zone == "Asia/Tokyo")
        #expect(Set([begun.ruleSet.hash, logged.hash, next.ruleSet.hash]).count == 3)
    }

    @Test func aLogThatNamesNoClockIsOfTheFilesOwn() throws {
        let old = RuleText(hash: "0123", text: "time: {zone: Asia/Tokyo}")
        #expect(try Configuration(old).time.zone == "Asia/Tokyo")
        #expect(try Configuration(RuleText(hash: "0123", text: "")).time.zone == nil)
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
