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

    struct Estimated: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var rule: Rule
        var estimate: Interval
        var sentence: String
    }

    @Test(arguments: [
        Estimated(
            testDescription: "a leak", rule: .nightFlow, estimate: Interval(value: 9123, low: 6044, high: 12_210),
            sentence: "is usual. It loses about 9,100 L/h (6,000-12,000)."),
        Estimated(
            testDescription: "a dripping tap", rule: .meterNeverZero,
            estimate: Interval(value: 2.34, low: 0, high: 11.6),
            sentence: "It loses about 2.3 L/h (0-12)."),
        Estimated(
            testDescription: "a large burst", rule: .burst,
            estimate: Interval(value: 1_249_000, low: 990_400, high: 1_510_000),
            sentence: "It loses about 1,200,000 L/h (990,000-1,500,000)."),
        Estimated(
            testDescription: "a queue", rule: .congestion, estimate: Interval(value: 61.7, low: 30.9, high: 92.6),
            sentence: "Each hour it costs drivers about 62 hours (31-93) together."),
        Estimated(
            testDescription: "nothing claimed", rule: .burst, estimate: .unknown, sentence: "is usual. Raised"),
    ])
    func saysWhatItCosts(_ c: Estimated) {
        var street = Street(rule: c.rule, sensors: [.flow("flow-1", zone: "Aston")])
        let verdict = Verdict(
            rule: c.rule, condition: .critical, quantity: .flow, observedAtMs: Street.start, onsetMs: Street.start,
            score: 5, observed: 50, expected: 40, threshold: 44, estimate: c.estimate)
        let batch = CommitBatch()
        street.book.apply(
            verdict, to: .sensor(SensorIndex(rawValue: 0)), nowMs: Street.start, directory: street.directory,
            into: batch)
        #expect(batch.requests[0].description.contains(c.sentence), "\(batch.requests[0].description)")
    }

    @Test func aQueueSaysHowFarItReaches() {
        var stations = [Sensor.flow("road-1", zone: "A38"), Sensor.flow("road-2", zone: "A38", latitude: 52.512)]
        for index in stations.indices { stations[index].kind = .traffic }
        var street = Street(rule: .congestion, sensors: stations)
        #expect(!street.apply("c", minute: 0).requests[0].description.contains("reaches"))
        let joined = street.apply("c", minute: 5, subject: .sensor(SensorIndex(rawValue: 1))).requests
        #expect(joined.last?.description.contains("It reaches over about 1.3 km.") == true)
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
