import Detection
import Incidents
import Open311
import Readings
import Testing

@Suite struct WordingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var rule: Rule
        var observed, expected: Double
        var title, summary: String
    }

    @Test(arguments: [
        Case(
            testDescription: "a burst", rule: .burst, observed: 58.12, expected: 40.2,
            title: "Possible burst main in the Aston zone",
            summary: "Flow into the Aston zone has been 45 % above normal since 00:00 on Friday 1 May: "
                + "58.1 m³/h where 40.2 m³/h is usual."),
        Case(
            testDescription: "flow where none was expected", rule: .nightFlow, observed: 3, expected: 0,
            title: "Possible leak in the Aston zone",
            summary: "Flow into the Aston zone has been above normal since 00:00 on Friday 1 May: "
                + "3 m³/h where 0 m³/h is usual."),
    ])
    func speaksPlainly(_ c: Case) {
        var street = Street(rule: c.rule, sensors: [.flow("flow-1", zone: "Aston")])
        let request = street.apply("c", minute: 0, observed: c.observed, expected: c.expected).requests[0]
        #expect(request.title == c.title)
        #expect(request.description == "\(c.summary) Raised automatically by the city's street sensors.")
        #expect(request.statusNotes == "Opened: \(c.summary)")
    }

    @Test(arguments: Rule.allCases)
    func everyRuleHasWords(_ rule: Rule) {
        var street = Street(rule: rule, sensors: [.flow("flow-1", zone: "Aston", gateway: "gw-1")])
        let subject: Subject = rule == .gatewaySilence ? .gateway(0) : .sensor(SensorIndex(rawValue: 0))
        let request = street.apply("c", minute: 0, subject: subject).requests[0]
        #expect(!request.title.isEmpty)
        #expect(request.description.count > 40)
        #expect(request.description.count <= 4000)
        #expect(!request.notice.isEmpty)
        #expect(request.detector == rule.name)
        #expect(request.expectedAtMs.map { $0 > request.requestedAtMs } == true)
        let closed = street.apply("n", minute: 100_000, subject: subject)
        let closedLater = street.apply("n", minute: 200_000, subject: subject)
        #expect((closed.requests + closedLater.requests).last?.status == .closed)
    }
}
