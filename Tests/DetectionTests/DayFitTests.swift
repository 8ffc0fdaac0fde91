import Detection
import Testing

@Suite struct DayFitTests {
    struct Day: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// What is measured where so much was expected.
        var measured: @Sendable (Double) -> Double
        var every: Int64 = 1
        var change: DayFit.Change?
    }

    @Test(
        arguments: [
            Day(testDescription: "as expected", measured: { $0 }),
            Day(testDescription: "a leak adds", measured: { $0 + 20 }),
            Day(testDescription: "a warm day", measured: { 1.1 * $0 }),
            Day(
                testDescription: "a meter of half the size", measured: { $0 / 2 }, change: .init(added: 0, share: -0.5)),
            Day(testDescription: "another unit", measured: { $0 * 3.6 }, change: .init(added: 0, share: 2.6)),
            Day(
                testDescription: "another unit, hourly", measured: { $0 * 3.6 }, every: 4,
                change: .init(added: 0, share: 2.6)),
            Day(
                testDescription: "another meter, and a leak", measured: { $0 / 2 + 5 },
                change: .init(added: 5, share: -0.5)),
            Day(testDescription: "too few readings", measured: { $0 / 2 }, every: 8),
        ], 1...5) func tellsWhatIsAddedFromWhatIsAShare(_ c: Day, _ seed: Int) throws
    {
        var (fit, random) = (DayFit(), Random(seed: UInt64(seed)))
        for quarter in 0...96 as ClosedRange<Int64> where quarter.isMultiple(of: c.every) {
            let expected = 40 + 25 * Double((quarter * 7 + 5) % 48) / 48
            let distance = c.measured(expected) - expected + random.normal()
            fit.append(distance, expected: expected, sigma: 1, atMs: .monday + quarter * 15 * .minute)
        }
        #expect((fit.change == nil) == (c.change == nil))
        guard let found = fit.change, let change = c.change else { return }
        for expected in [40.0, 65] {
            #expect(abs(found.applied(to: expected) - change.applied(to: expected)) < 2)
        }
    }

    @Test func aDayThatIsBegunAnewForgetsTheLast() {
        var fit = DayFit()
        for quarter in 0...96 as ClosedRange<Int64> {
            fit.append(-Double(quarter % 7), expected: 2 * Double(quarter % 7), sigma: 1, atMs: quarter * 15 * .minute)
        }
        #expect(fit.change != nil)
        fit.removeAll()
        #expect(fit == DayFit())
    }
}
