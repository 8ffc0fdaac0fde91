import Foundation
import IssueStorage
import Simulation
import Testing

/// The arithmetic behind measures and hotspots, against published figures and against reckoning by brute force.
@Suite struct StatisticsTests {
    struct ShareCase: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var share: Share
        var low: Double
        var high: Double
    }

    // Newcombe, Stat. Med. 17 (1998), table I, method 3; the last two of R's prop.test(…, correct = FALSE).
    @Test(arguments: [
        ShareCase(testDescription: "81 of 263", share: Share(count: 81, of: 263), low: 0.2553, high: 0.3662),
        ShareCase(testDescription: "15 of 148", share: Share(count: 15, of: 148), low: 0.0624, high: 0.1605),
        ShareCase(testDescription: "0 of 20", share: Share(count: 0, of: 20), low: 0, high: 0.1611),
        ShareCase(testDescription: "1 of 29", share: Share(count: 1, of: 29), low: 0.0061, high: 0.1718),
        ShareCase(testDescription: "10 of 20", share: Share(count: 10, of: 20), low: 0.2993, high: 0.7007),
        ShareCase(testDescription: "7 of 7", share: Share(count: 7, of: 7), low: 0.6457, high: 1),
    ])
    func aSharesIntervalIsWilsons(_ c: ShareCase) throws {
        let interval = try #require(c.share.interval)
        #expect(abs(interval.lowerBound - c.low) < 0.00006)
        #expect(abs(interval.upperBound - c.high) < 0.00006)
    }

    @Test func nothingHasNoShare() {
        #expect(Share(count: 0, of: 0).value == nil)
        #expect(Share(count: 0, of: 0).interval == nil)
    }

    // The usual tables, such as Conover's: n and the ranks for 95 %.
    @Test(
        arguments: [
            (5, nil), (6, 1...6), (8, 1...8), (9, 2...8), (10, 2...9), (15, 4...12), (20, 6...15), (30, 10...21),
            (50, 18...33), (100, 40...61), (1000, 469...532), (1001, 469...533), (100_000, 49_690...50_311),
        ] as [(Int, ClosedRange<Int>?)])
    func theMediansRanksAreThoseOfTheTables(_ count: Int, _ ranks: ClosedRange<Int>?) {
        #expect(OrderStatistics.medianRanks(of: count) == ranks)
    }

    @Test func theRanksEncloseTheMedianAsOftenAsTheySay() {
        var random = SeededGenerator(seed: 7)
        var enclosed = 0
        for _ in 0..<4000 {
            let drawn = (0..<25).map { _ in random.nextUnit() }.sorted()
            let ranks = OrderStatistics.medianRanks(of: 25)!
            if (drawn[ranks.lowerBound - 1]...drawn[ranks.upperBound - 1]).contains(0.5) { enclosed += 1 }
        }
        #expect((0.945...0.975).contains(Double(enclosed) / 4000))
    }

    private func median(_ ended: [Int64], waiting: [Int64]) -> SpanMedian {
        var (ends, waits) = (SpanHistogram(), SpanHistogram())
        for seconds in ended { ends.add(seconds: seconds) }
        for seconds in waiting { waits.add(seconds: seconds) }
        return SpanMedian(ended: ends, waiting: waits)
    }

    // Miller's acute myelogenous leukaemia data, as R's survfit(Surv(time, status) ~ x, data = aml) prints them: 31 (18, NA) and
    // 23 (8, NA). The one of 161 stands here as 63, below which each second has its bucket.
    @Test func aMedianOfWhatHasNotAllEndedIsKaplansAndMeiers() {
        let maintained = median([9, 13, 18, 23, 31, 34, 48], waiting: [13, 28, 45, 63])
        #expect(maintained.seconds == 31 && maintained.interval == 18...Double.infinity)
        #expect(maintained.ended == 7 && maintained.waiting == 4)
        let other = median([5, 5, 8, 8, 12, 23, 27, 30, 33, 43, 45], waiting: [16])
        #expect(other.seconds == 23 && other.interval == 8...Double.infinity)
    }

    @Test func whatHasAllEndedHasTheMedianThatEveryoneKnows() {
        #expect(median([1, 2, 3, 10], waiting: []).seconds == 2.5)
        #expect(median([1, 2, 3, 10], waiting: []).interval == nil)
        #expect(median([1, 2, 3, 10, 11, 12], waiting: []).interval == 1...12)
        #expect(median([], waiting: []).seconds == nil)
    }

    @Test func whereMostWaitNoMedianIsTold() {
        // Exactly half have ended: it lies somewhere behind them.
        #expect(median([1, 2], waiting: [60, 60]).seconds == .infinity)
        #expect(median([1, 2, 61], waiting: [60]).seconds == 31.5)
        #expect(median([1], waiting: [60, 60]).seconds == .infinity && median([1], waiting: [60, 60]).interval == nil)
        // None has ended: half of all take longer than six have waited.
        let none = median([], waiting: [5, 10, 20, 30, 40, 50, 60])
        #expect(none.seconds == .infinity && none.interval == 10...Double.infinity)
    }

    @Test func logGammaIsThatOfFactorials() {
        var factorial = 0.0
        for n in 1...200 {
            #expect(abs(logGamma(Double(n)) - factorial) <= 1e-12 * max(1, factorial))
            factorial += log(Double(n))
        }
        #expect(abs(logGamma(0.5) - 0.5 * log(Double.pi)) < 1e-13)
        #expect(abs(logGamma(0.001) - 6.907178885383853) < 1e-11)
    }

    @Test(arguments: [(0.3, 0.5), (4.0, 4.1), (12.0, 60.0), (250.0, 300.0), (4000.0, 9000.0)])
    func negativeBinomialTailsAreTheSumsOfTheirTerms(_ mean: Double, _ variance: Double) {
        let tested = NegativeBinomial(mean: mean, variance: variance)
        // By the recurrence from the first term, in logarithms so that no term vanishes.
        let (size, ratio) = (mean * mean / (variance - mean), (variance - mean) / variance)
        var logTerm = size * log(1 - ratio)
        var below = 0.0
        for k in 0..<Int(mean + 12 * variance.squareRoot() + 12) {
            let tail = tested.upperTail(k)
            #expect(abs(tail - (1 - below)) < 1e-9, "P(X ≥ \(k))")
            below += exp(logTerm)
            logTerm += log((Double(k) + size) / Double(k + 1) * ratio)
        }
        let high = tested.quantile(upper: 0.025)
        #expect(tested.upperTail(high + 1) <= 0.025)
        #expect(high == 0 || tested.upperTail(high) > 0.025)
    }

    @Test func aTinyTailKeepsItsDigits() {
        // A geometric distribution: r = 1, μ = 1: P(X ≥ k) = 2^-k.
        let geometric = NegativeBinomial(mean: 1, variance: 2)
        #expect(abs(geometric.upperTail(100) * 0x1p100 - 1) < 1e-10)
    }

    @Test func binomialTailsAreTheSumsOfTheirTerms() {
        for (trials, probability) in [(1, 0.5), (9, 0.3), (40, 0.9), (300, 0.02)] {
            let tested = Binomial(trials: trials, probability: probability)
            var term = pow(1 - probability, Double(trials))
            var below = 0.0
            for k in 0...trials {
                #expect(abs(tested.upperTail(k) - (1 - below)) < 1e-10, "\(trials), \(probability): P(X ≥ \(k))")
                below += term
                term *= Double(trials - k) / Double(k + 1) * probability / (1 - probability)
            }
            #expect(tested.upperTail(trials + 1) == 0)
        }
    }

    /// The example of Benjamini and Hochberg's own paper, §4.1: four of fifteen at 5 %.
    @Test func fourOfTheFifteenHypothesesAreDiscoveries() {
        let pValues = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
            0.7590, 1.0000,
        ]
        let qValues = BenjaminiHochberg.qValues(pValues)
        #expect(qValues.count { $0 <= 0.05 } == 4)
        #expect(zip(qValues, qValues.dropFirst()).allSatisfy { $0 <= $1 })
        // Whatever the order.
        #expect(BenjaminiHochberg.qValues(pValues.reversed()) == qValues.reversed())
        #expect(BenjaminiHochberg.qValues([]) == [])
    }

    @Test func aHistogramsMedianIsTheListsWithinItsBucket() {
        var random = SeededGenerator(seed: 3)
        for count in [1, 2, 5, 6, 7, 100, 999] {
            var list: [Int64] = []
            var histogram = SpanHistogram()
            for _ in 0..<count {
                // From seconds to months.
                let seconds = Int64(exp(random.nextUnit() * 16))
                list.append(seconds)
                histogram.add(seconds: seconds)
                // What comes and goes leaves no trace.
                histogram.add(seconds: 5 * seconds)
                histogram.add(seconds: 5 * seconds, times: -1)
            }
            list.sort()
            let median = Double(list[(count - 1) / 2] + list[count / 2]) / 2
            let found = histogram.medianSeconds!
            #expect(abs(found - median) <= 0.5 + 0.016 * median, "\(count)")
            #expect(histogram.total == count)
            guard let ranks = OrderStatistics.medianRanks(of: count) else {
                #expect(histogram.medianInterval == nil)
                continue
            }
            let interval = histogram.medianInterval!
            let (low, high) = (Double(list[ranks.lowerBound - 1]), Double(list[ranks.upperBound - 1]))
            #expect(abs(interval.lowerBound - low) <= 0.5 + 0.016 * low)
            #expect(abs(interval.upperBound - high) <= 0.5 + 0.016 * high)
        }
        #expect(SpanHistogram().medianSeconds == nil)
    }

    @Test func spansBeyondAllReasonAreCountedAtTheEnds() {
        var histogram = SpanHistogram()
        histogram.add(seconds: .min)
        #expect(histogram.medianSeconds == 0)
        histogram.add(seconds: .max)
        histogram.add(seconds: .max)
        #expect(histogram.medianSeconds! > 4e9)
    }

    // Of Python's date.isocalendar().
    @Test(
        arguments: [
            (0, "1970-W01"), (1_795_132_800_000, "2026-W47"), (1_609_459_200_000, "2020-W53"),
            (1_609_718_399_999, "2020-W53"), (1_609_718_400_000, "2021-W01"), (1_735_516_800_000, "2025-W01"),
            (-1, "1970-W01"), (-259_200_001, "1969-W52"), (4_102_444_800_000, "2099-W53"),
        ] as [(Int64, String)])
    func weeksHaveTheirISONames(_ ms: Int64, _ name: String) {
        let week = ISOWeek(containing: ms)
        #expect(week.description == name)
        #expect(week.startMs <= ms && ms < week.endMs)
    }

    @Test func everyWeekOfACenturyFollowsTheOneBefore() {
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = TimeZone(identifier: "UTC")!
        for number in stride(from: -1000, to: 5000, by: 1) {
            let week = ISOWeek(number: number)
            let date = Date(timeIntervalSince1970: Double(week.startMs) / 1000)
            let parts = calendar.dateComponents([.yearForWeekOfYear, .weekOfYear], from: date)
            let expected = "\(parts.yearForWeekOfYear!)-W" + String(format: "%02d", parts.weekOfYear!)
            #expect(week.description == expected)
            #expect(ISOWeek(containing: week.startMs) == week && ISOWeek(containing: week.endMs - 1) == week)
        }
    }
}
