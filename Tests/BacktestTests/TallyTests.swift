import Backtest
import Detection
import Testing

@Suite struct TallyTests {
    /// Two sensors of one zone and one alone; three events, one of them seen twice.
    private let set = LabelledSet(
        sensors: [Sets.sensor("s0"), Sets.sensor("s1"), Sets.sensor("s2", group: "bin")],
        labels: [
            Sets.label(100...200), Sets.label(120...200, sensor: 1), Sets.label(1000...1100, event: "E2"),
            Sets.label(2000...2100, sensor: 2, event: "E3"),
        ])

    private func tally(_ incidents: [DetectedIncident]) -> Tally {
        Matching(incidents, set: set, class: .event).tallies(by: .group)[1].tally
    }

    @Test func figuresFollowFromWhatIsCounted() {
        let tally = tally([
            Sets.incident(160, sensor: "s1"), Sets.incident(190), Sets.incident(195), Sets.incident(500),
            Sets.incident(600, sensor: "s1"),
        ])
        #expect(tally.sensors == 2)
        #expect((tally.hits, tally.falseAlarms, tally.duplicates) == (2, 2, 1))
        #expect((tally.eventsFound, tally.events) == (1, 2))
        #expect(tally.precision == 0.5)
        #expect(tally.strictPrecision == 0.4)
        #expect(tally.recall == 0.5)
        #expect(tally.f1 == 0.5)
        #expect(abs(tally.strictF1 - 4.0 / 9) < 1e-12)
        // The first of both sensors, from the start at the first of both.
        #expect(tally.delaysMs == [60 * 60_000])
        #expect(tally.medianDelayH == 1)
        // Each label takes its length and the step before it: 115, 115 and 95 minutes of 20 000.
        #expect(tally.exposureMs == (20_000 - 115 - 115 - 95) * 60_000)
        #expect(tally.eventsByType == ["leak": Tally.Found(found: 1, all: 2)])
    }

    @Test func groupsAreNamedAndApart() {
        let rows = Matching([Sets.incident(2050, sensor: "s2")], set: set, class: .event).tallies(by: .group)
        #expect(rows.map(\.name) == ["bin", "water"])
        #expect(rows[0].tally.f1 == 1)
        #expect(rows[1].tally.f1 == 0)
        #expect(Matching([], set: set, class: .event).tallies(by: .kind).map(\.name) == ["water-leak"])
    }

    @Test func nothingRaisedScoresNothingAndNothingToFindHasNoScore() {
        #expect(tally([]).f1 == 0)
        #expect(tally([]).precision.isNaN)
        let empty = LabelledSet(sensors: [Sets.sensor("s0")], labels: [])
        #expect(Matching([], set: empty, class: .event).tallies(by: .kind)[0].tally.f1.isNaN)
    }

    @Test func optionalLabelsCountAsRightAndAreNotMissed() {
        let set = LabelledSet(
            sensors: [Sets.sensor("s0"), Sets.sensor("s1")],
            labels: [Sets.label(100...200), Sets.label(100...200, sensor: 1, optional: true)])
        let found = Matching([Sets.incident(150, sensor: "s1")], set: set, class: .event).tallies(by: .kind)[0].tally
        #expect((found.hits, found.optionalHits, found.eventsFound, found.events) == (0, 1, 1, 1))
        #expect(found.f1 == 1)
    }

    @Test func overlappingLabelsAreTakenFromTheExposureOnce() {
        let set = LabelledSet(
            sensors: [Sets.sensor("s0")],
            labels: [
                Sets.label(100...200), Sets.label(150...180, event: "E2"), Sets.label(190...300, .fault, event: "E3"),
                Sets.label(9990...20_000, event: "E4"),
            ])
        let tally = Matching([], set: set, class: .event).tallies(by: .kind)[0].tally
        #expect(tally.exposureMs == (10_000 - 215 - 25) * 60_000)
    }

    @Test func partsOfASetShareItsEventsAndAddUp() {
        let labels = (0..<10).map { Sets.label(Int64($0) * 500...Int64($0) * 500 + 100, event: "E\($0)") }
        let set = LabelledSet(sensors: [Sets.sensor("s0")], labels: labels)
        let incidents = (0..<10).map { Sets.incident(Int64($0) * 500 + ($0 < 7 ? 50 : 300)) }
        let matching = Matching(incidents, set: set, class: .event)
        let parts = (0..<3).map { matching.tallies(by: .kind, fold: Fold($0, of: 3, set: set))[0].tally }
        let whole = matching.tallies(by: .kind)[0].tally
        #expect(parts.map(\.events) == [4, 3, 3])
        #expect(parts.map(\.hits).reduce(0, +) == whole.hits)
        #expect(parts.map(\.falseAlarms).reduce(0, +) == whole.falseAlarms)
        #expect(whole.falseAlarms == 3)
    }
}
