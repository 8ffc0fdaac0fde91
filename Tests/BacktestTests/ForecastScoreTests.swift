import Backtest
import Readings
import Testing

@Suite struct ForecastScoreTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Minutes: opened, forecast.
        var opening: (Int64, Int64)
        var collections: [Int64] = [0, 1000]
        var crossings: [Int64]
        /// foreseen, late, prevented, false.
        var expected: [Int]
    }

    @Test(arguments: [
        Case(testDescription: "foreseen", opening: (100, 400), crossings: [460], expected: [1, 0, 0, 0]),
        Case(
            testDescription: "opened when it was full", opening: (500, 600), crossings: [460], expected: [0, 1, 0, 0]),
        Case(testDescription: "emptied before the time", opening: (900, 1100), crossings: [], expected: [0, 0, 1, 0]),
        Case(testDescription: "never got full", opening: (100, 900), crossings: [], expected: [0, 0, 0, 1]),
        Case(
            testDescription: "full in the next cycle only", opening: (100, 900), crossings: [1500],
            expected: [0, 0, 0, 1]),
        Case(
            testDescription: "full in the cycle before", opening: (1100, 1400), crossings: [800, 1450],
            expected: [1, 0, 0, 0]),
    ])
    func judgesAnOpeningByItsBinsCycle(_ c: Case) {
        let set = LabelledSet(sensors: [Sets.sensor("s0", .binFill)], labels: [])
        let truth = BinTruth(bins: [
            "s0": BinTruth.Bin(collectionsMs: c.collections.map(Sets.at), crossingsMs: c.crossings.map(Sets.at))
        ])
        let opening = PreventiveOpening(
            sensorID: "s0", openedAtMs: Sets.at(c.opening.0), forecastMs: Sets.at(c.opening.1))
        let score = ForecastScore([opening], truth: truth, set: set)
        #expect([score.foreseen, score.late, score.prevented, score.falseOnes] == c.expected)
        #expect(score.crossings == c.crossings.count)
    }

    @Test func errorsAndLeadsAreOfWhatWasForeseen() {
        let set = LabelledSet(sensors: [Sets.sensor("s0", .binFill)], labels: [])
        let truth = BinTruth(bins: [
            "s0": BinTruth.Bin(collectionsMs: [Sets.at(1000)], crossingsMs: [Sets.at(600), Sets.at(1600)])
        ])
        let openings = [(120, 540), (240, 720), (1300, 1510)].map {
            PreventiveOpening(sensorID: "s0", openedAtMs: Sets.at($0.0), forecastMs: Sets.at($0.1))
        }
        let score = ForecastScore(openings, truth: truth, set: set)
        #expect(score.errorsMs == [-60, 120, -90].map { $0 * 60_000 })
        #expect(score.medianErrorH == 1.5)
        #expect(score.medianLeadH == 6)
        #expect((score.foreseenCrossings, score.crossings) == (2, 2))
    }
}
