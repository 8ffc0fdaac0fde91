import Readings
import Testing

@Suite struct TopicPatternTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var pattern: String
        var topic: String
        /// What the `+` and `{name}` levels hold; nil: no match.
        var captured: [String]?

        var testDescription: String { "\(pattern) against \(topic)" }
    }

    @Test(arguments: [
        Case(pattern: "a/b", topic: "a/b", captured: []),
        Case(pattern: "a/b", topic: "a/bc", captured: nil),
        Case(pattern: "a/b", topic: "a", captured: nil),
        Case(pattern: "a/b", topic: "a/b/", captured: nil),
        Case(pattern: "sluice/{kind}/{sensor}", topic: "sluice/traffic/tr-3", captured: ["traffic", "tr-3"]),
        Case(pattern: "sluice/{kind}/{sensor}", topic: "sluice/traffic/tr-3/x", captured: nil),
        Case(pattern: "sluice/{kind}/{sensor}", topic: "sluice/traffic", captured: nil),
        Case(pattern: "+/b", topic: "/b", captured: [""]),
        Case(pattern: "a/+", topic: "a/", captured: [""]),
        Case(pattern: "a/+", topic: "a", captured: nil),
        Case(pattern: "a/#", topic: "a", captured: []),
        Case(pattern: "a/#", topic: "a/", captured: []),
        Case(pattern: "a/#", topic: "a/b/c", captured: []),
        Case(pattern: "a/#", topic: "ab", captured: nil),
        Case(pattern: "a/{sensor}/#", topic: "a/s-1", captured: ["s-1"]),
        Case(pattern: "#", topic: "a/b", captured: []),
        Case(pattern: "#", topic: "$SYS/uptime", captured: nil),
        Case(pattern: "+/uptime", topic: "$SYS/uptime", captured: nil),
        Case(pattern: "$SYS/#", topic: "$SYS/uptime", captured: []),
        Case(pattern: "ü/{sensor}", topic: "ü/мост", captured: ["мост"]),
        Case(pattern: "a/b", topic: "", captured: nil),
    ])
    func matchesAsMQTTSays(_ c: Case) throws {
        let pattern = try TopicPattern(c.pattern)
        let topic = Array(c.topic.utf8)
        var captures = TopicCaptures()
        let matches = pattern.matches(topic.span, captures: &captures)
        #expect(matches == (c.captured != nil))
        if let captured = c.captured, matches {
            #expect((0..<captures.count).map { String(decoding: topic[captures[$0]], as: UTF8.self) } == captured)
        }
    }

    @Test func subscribesToOneFilter() throws {
        let pattern = try TopicPattern("v3/{app}/devices/{sensor}/#")
        #expect(pattern.filter == "v3/+/devices/+/#")
        #expect(pattern.captureNames == ["app", "sensor"])
    }

    @Test(arguments: [
        ("", "is empty"),
        ("a/#/b", "has # before its last level"),
        ("a/b#", "has the level b#: +, # and {name} must fill their level"),
        ("a/b+", "has the level b+: +, # and {name} must fill their level"),
        ("a/bin-{sensor}", "has the level bin-{sensor}: +, # and {name} must fill their level"),
        ("a/{}", "has the capture {}, whose name is not a letter and then letters, digits or _"),
        ("a/{1}", "has the capture {1}, whose name is not a letter and then letters, digits or _"),
        ("{sensor}/{sensor}", "captures {sensor} twice"),
        ("a/+\u{301}", "has the level +\u{301}: +, # and {name} must fill their level"),
        ("#/\u{301}", "has # before its last level"),
        ("a/\0", "has a NUL character"),
        ("+/+/+/+/+/+/+/+/+", "has 9 + and {name} levels, at most 8 are allowed"),
    ])
    func namesWhatIsWrong(pattern: String, problem: String) {
        #expect { try TopicPattern(pattern) } throws: { ($0 as? TopicPatternError)?.problem == problem }
    }

    @Test func theFirstRouteThatMatchesWins() throws {
        let special = Route(name: "special", topic: try TopicPattern("sluice/traffic/tr-3"), kind: .generic)
        let general = Route(name: "general", topic: try TopicPattern("sluice/{kind}/#"))
        let table = RouteTable([special, .standard, general])
        func route(_ topic: String) -> String? {
            let topic = Array(topic.utf8)
            var captures = TopicCaptures()
            return table.firstMatch(topic.span, captures: &captures).map { table.routes[$0].name }
        }
        #expect(route("sluice/traffic/tr-3") == "special")
        #expect(route("sluice/traffic/tr-4") == "standard")
        #expect(route("sluice/traffic/tr-4/x") == "general")
        #expect(route("other") == nil)
        #expect(table.filters == ["sluice/traffic/tr-3", "sluice/+/+", "sluice/+/#"])
    }

    @Test func problemsOfRoutesAreNamedTogether() throws {
        let table = RouteTable([
            Route(name: "a", topic: try TopicPattern("a/{sensor}")),
            Route(name: "a", topic: try TopicPattern("b/{sensor}"), kind: .waterLeak, quantity: .flow, unit: .bar),
        ])
        #expect(
            table.problems() == [
                "a: kind: must be given, because the topic a/{sensor} has no {kind}",
                "a: unit: must be convertible into m³/h for flow_m3h, found bar", "a: is the name of two routes",
            ])
        #expect(RouteTable([.standard]).problems() == [])
    }
}
