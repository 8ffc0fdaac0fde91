import Settings
import Pipeline
import Readings
import Testing

/// The list `sensors.adopt` of the configuration file.
@Suite struct AdoptionConfigurationTests {
    private func load(_ yaml: String) throws -> Configuration {
        try Configuration.parse(yaml, source: "s", environment: [:], files: .none).configuration
    }

    @Test func aRuleIsReadWhole() throws {
        let configuration = try load(
            """
            sensors:
              mode: allow_list
              adopt:
                - {name: a, routes: standard, topic: "sluice/{what}/+", kinds: "bin-fill, traffic", sensors: "bin-*, x",
                   max: 5, zone: "{what}", ward: Aston, site: s, owner: o, interval: 30m}
                - {name: b, verdict: refuse, sensors: y}
            """)
        var expected = AdoptionRule(name: "a")
        (expected.routes, expected.topic) = (["standard"], try TopicPattern("sluice/{what}/+"))
        (expected.kinds, expected.sensors, expected.limit) = ([.binFill, .traffic], ["bin-*", "x"], 5)
        (expected.zone, expected.ward, expected.site, expected.owner) = ("{what}", "Aston", "s", "o")
        expected.intervalS = 1800
        #expect(configuration.sensors.adopt.first == expected)
        #expect(configuration.sensors.adopt.map(\.verdict) == [.adopt, .refuse])
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var rules: String
        var says: String
    }

    @Test(arguments: [
        Mistake(testDescription: "no name", rules: "{kinds: traffic}", says: "sensors.adopt[0]: needs a name"),
        Mistake(
            testDescription: "a name twice", rules: "{name: a, kinds: traffic}, {name: a, kinds: bin-fill}",
            says: "must be no other rule's, found a again"),
        Mistake(testDescription: "all sensors", rules: "{name: a}", says: "says of no sensors"),
        Mistake(
            testDescription: "a route that is not there", rules: "{name: a, routes: nowhere}",
            says: "must be names of routes, found nowhere"),
        Mistake(
            testDescription: "a capture that is not there", rules: "{name: a, topic: 'x/+', ward: '{ward}'}",
            says: "uses {ward}, which its topic does not capture"),
        Mistake(
            testDescription: "no topic", rules: "{name: a, topic: 'x/#/y'}", says: "must be a topic filter"),
        Mistake(
            testDescription: "a refusal that gives", rules: "{name: a, kinds: traffic, verdict: refuse, ward: Aston}",
            says: "refuses, and so can't say"),
    ])
    func mistakesAreNamed(_ c: Mistake) {
        do {
            _ = try load("sensors: {adopt: [\(c.rules)]}")
            Issue.record("taken")
        } catch {
            #expect("\(error)".contains(c.says), "\(error)")
        }
    }
}
