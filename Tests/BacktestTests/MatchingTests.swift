import Backtest
import Detection
import Testing

@Suite struct MatchingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var labels: [Label]
        var incidents: [DetectedIncident]
        var verdicts: [Matching.Verdict]
    }

    static let cases = [
        Case(
            testDescription: "inside the label", labels: [Sets.label(100...200)], incidents: [Sets.incident(150)],
            verdicts: [.hit(label: 0)]),
        Case(
            testDescription: "one step before the start", labels: [Sets.label(100...200)],
            incidents: [Sets.incident(85)], verdicts: [.hit(label: 0)]),
        Case(
            testDescription: "a minute earlier is too soon", labels: [Sets.label(100...200)],
            incidents: [Sets.incident(84)], verdicts: [.falseAlarm]),
        Case(
            testDescription: "at the very end", labels: [Sets.label(100...200)], incidents: [Sets.incident(200)],
            verdicts: [.hit(label: 0)]),
        Case(
            testDescription: "behind the end", labels: [Sets.label(100...200)], incidents: [Sets.incident(201)],
            verdicts: [.falseAlarm]),
        Case(
            testDescription: "in the time of recovery", labels: [Sets.label(100...200, graceMinutes: 60)],
            incidents: [Sets.incident(260), Sets.incident(261)], verdicts: [.notCounted, .falseAlarm]),
        Case(
            testDescription: "a second one is a duplicate, whatever the order given", labels: [Sets.label(100...200)],
            incidents: [Sets.incident(180), Sets.incident(110)], verdicts: [.hit(label: 0), .duplicate(label: 0)]),
        Case(
            testDescription: "two labels, two incidents",
            labels: [
                Sets.label(100...300), Sets.label(150...300, event: "E2"),
            ], incidents: [Sets.incident(160), Sets.incident(170)], verdicts: [.hit(label: 1), .hit(label: 0)]),
        Case(
            testDescription: "its own type first",
            labels: [
                Sets.label(100...300, type: "fire"), Sets.label(150...300, type: "overflow", event: "E2"),
            ], incidents: [Sets.incident(160, .binFire)], verdicts: [.hit(label: 0)]),
        Case(
            testDescription: "what must be found before what may",
            labels: [
                Sets.label(100...300), Sets.label(150...300, event: "E2", optional: true),
            ], incidents: [Sets.incident(160), Sets.incident(170)], verdicts: [.hit(label: 0), .hit(label: 1)]),
        Case(
            testDescription: "an incident in a sensor's fault", labels: [Sets.label(100...200, .fault)],
            incidents: [Sets.incident(150)], verdicts: [.wrongClass(label: 0)]),
        Case(
            testDescription: "an incident while a hydrant is used", labels: [Sets.label(100...200, .benign)],
            incidents: [Sets.incident(150)], verdicts: [.wrongClass(label: 0)]),
        Case(
            testDescription: "where nobody can tell", labels: [Sets.label(100...200, .ignore)],
            incidents: [Sets.incident(150), Sets.incident(201)], verdicts: [.notCounted, .falseAlarm]),
        Case(
            testDescription: "before and after the evaluation", labels: [],
            incidents: [Sets.incident(-1), Sets.incident(0), Sets.incident(10_001)],
            verdicts: [.notCounted, .falseAlarm, .notCounted]),
        Case(
            testDescription: "a fault is no incident of the street", labels: [Sets.label(100...200)],
            incidents: [Sets.incident(150, .stuck)], verdicts: []),
        Case(
            testDescription: "a sensor that the set does not know", labels: [],
            incidents: [Sets.incident(150, sensor: "s9")], verdicts: []),
        Case(
            testDescription: "two sensors find one event each",
            labels: [
                Sets.label(100...200), Sets.label(100...200, sensor: 1),
            ], incidents: [Sets.incident(150), Sets.incident(160, sensor: "s1"), Sets.incident(170, sensor: "s1")],
            verdicts: [.hit(label: 0), .hit(label: 1), .duplicate(label: 1)]),
    ]

    @Test(arguments: cases) func judges(_ c: Case) {
        let set = LabelledSet(sensors: [Sets.sensor("s0"), Sets.sensor("s1")], labels: c.labels)
        #expect(Matching(c.incidents, set: set, class: .event).judged.map(\.verdict) == c.verdicts)
    }

    @Test func faultsAreMatchedWithFaults() {
        let set = LabelledSet(
            sensors: [Sets.sensor("s0")],
            labels: [Sets.label(100...200, .fault, type: "dropout"), Sets.label(300...400, event: "E2")])
        let incidents = [Sets.incident(150, .silence), Sets.incident(350, .stuck), Sets.incident(350)]
        let matching = Matching(incidents, set: set, class: .fault)
        #expect(matching.judged.map(\.verdict) == [.hit(label: 0), .wrongClass(label: 1)])
        #expect(matching.missed.isEmpty)
    }

    @Test func missedIsWhatNoSensorFound() {
        let set = LabelledSet(
            sensors: [Sets.sensor("s0"), Sets.sensor("s1")],
            labels: [
                Sets.label(100...200), Sets.label(100...200, sensor: 1), Sets.label(300...400, event: "E2"),
                Sets.label(500...600, event: "E3", optional: true), Sets.label(-200 ... -100, event: "E4"),
            ])
        let matching = Matching([Sets.incident(150, sensor: "s1")], set: set, class: .event)
        #expect(matching.missed.map(\.eventID) == ["E2"])
    }
}
