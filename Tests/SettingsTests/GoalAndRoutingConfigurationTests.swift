import Settings
import Incidents
import Open311
import Testing

/// What a city sets itself: its goals, and which department deals with what.
@Suite struct GoalAndRoutingConfigurationTests {
    private func parse(_ yaml: String) throws -> Configuration {
        try Configuration.parse(yaml, source: "s", environment: [:], files: .none).configuration
    }

    @Test func goalsReplaceTheStandardOnes() throws {
        #expect(try parse("").goals == Goal.standard)
        let configuration = try parse(
            """
            goals:
              - {measure: on_time, target: 92.5%}
              - {service: all, measure: time_to_close, target: 36h}
              - {service: bin-full, measure: emptied_in_time, target: 100%}
            """)
        #expect(
            configuration.goals == [
                Goal(measure: .onTime, target: 0.925), Goal(measure: .timeToClose, target: 129_600),
                Goal(service: .binFull, measure: .emptiedInTime, target: 1),
            ])
    }

    @Test func theFirstRoutingRuleThatFitsDecides() throws {
        let configuration = try parse(
            """
            routing:
              - service: water-leak
                wards: Aston, Perry Barr
                severity: 3
                hours: 22:00-06:00
                agency: Night Crew
                parts:
                  - {service: traffic-anomaly, agency: Highways}
              - service: water-leak
                agency: Day Crew
            """)
        let rules = configuration.routing.rules
        #expect(rules.count == 2)
        #expect(rules[0].wards == ["Aston", "Perry Barr"] && rules[0].leastSeverity == 3)
        #expect(rules[0].hours == Routing.Hours(from: 22 * 60, to: 6 * 60) && rules[0].agency == "Night Crew")
        #expect(rules[0].parts == [Routing.Part(service: .trafficAnomaly, agency: "Highways")])
        #expect(rules[1].wards == nil && rules[1].leastSeverity == 1 && rules[1].hours == nil && rules[1].parts.isEmpty)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var yaml: String
        var says: String
    }

    @Test(arguments: [
        Case(
            testDescription: "a duration for a share", yaml: "goals: [{measure: on_time, target: 4h}]",
            says: "goals[0].target: must be a share such as 90% for on_time"),
        Case(
            testDescription: "a share for a duration", yaml: "goals: [{measure: time_to_close, target: 90%}]",
            says: "goals[0].target: must be a duration such as 4h for time_to_close"),
        Case(
            testDescription: "more than everything", yaml: "goals: [{measure: on_time, target: 101%}]",
            says: "goals[0].target: must be a share from 0% to 100%, or a duration from 2s to 366d, found 101%"),
        Case(
            testDescription: "a measure that there is not", yaml: "goals: [{measure: on_tme, target: 90%}]",
            says: "goals[0].measure: must be"),
        Case(
            testDescription: "a service that can't be",
            yaml: "goals: [{service: Water, measure: on_time, target: 90%}]",
            says: "goals[0].service: must be all, or a service's code"),
        Case(
            testDescription: "a rule that changes nothing", yaml: "routing: [{service: water-leak}]",
            says: "routing[0]: changes nothing: give it an agency, or parts for other departments"),
        Case(
            testDescription: "a rule without a service", yaml: "routing: [{agency: Water}]",
            says: "routing[0]: needs a service"),
        Case(
            testDescription: "a rule of an unknown service", yaml: "routing: [{service: pot-hole, agency: Roads}]",
            says: "routing[0].service: must be one of water-leak"),
        Case(
            testDescription: "a part without an agency",
            yaml: "routing: [{service: water-leak, parts: [{service: traffic-anomaly}]}]",
            says: "routing[0].parts[0]: needs an agency"),
        Case(
            testDescription: "a part that would tell of what its whole keeps back",
            yaml: """
                services: [{code: refuge, visibility: coarse}]
                routing: [{service: refuge, parts: [{service: water-leak, agency: Water}]}]
                """,
            says: "routing[0].parts[0].service: must keep back at least as much as refuge does, of which it tells: "
                + "water-leak is open, refuge is coarse"),
        Case(
            testDescription: "hours that are no part of a day",
            yaml: "routing: [{service: water-leak, agency: Water, hours: 7-19}]",
            says: "routing[0].hours: must be a part of the day such as 07:00-19:00"),
        Case(
            testDescription: "a day of no length",
            yaml: "routing: [{service: water-leak, agency: W, hours: 07:00-07:00}]",
            says: "routing[0].hours: must be a part of the day"),
        Case(
            testDescription: "a severity beyond the gravest",
            yaml: "routing: [{service: water-leak, agency: W, severity: 5}]",
            says: "routing[0].severity: must be 1–4, found 5"),
    ])
    func whatCannotBeMeantIsNamedWithItsPlace(_ c: Case) throws {
        let problems = #expect(throws: ConfigurationProblems.self) { try parse(c.yaml) }
        #expect(problems?.description.contains(c.says) == true, "\(problems?.description ?? "")")
    }
}
