import Detection
import Readings
import Testing

@Suite struct ConfidenceTests {
    private static func verdict(_ rule: Rule, score: Double) -> Verdict {
        Verdict(
            rule: rule, condition: .abnormal, quantity: .flow, observedAtMs: 0, onsetMs: 0, score: score, observed: 0,
            expected: 0, threshold: 0)
    }

    private static let hour: Int64 = 3_600_000

    @Test(arguments: Rule.allCases)
    func moreOfItIsNeverLessSure(_ rule: Rule) {
        var before = 0.0
        for score in [0.0, 0.1, 0.8, 1, 3, 10, 1e6, 1e300] {
            let confidence = Self.verdict(rule, score: score).confidence(lastedMs: Self.hour, sensors: 1)
            #expect(confidence >= before && confidence > 0 && confidence < 1)
            before = confidence
        }
        before = 0
        for hours in [Int64(0), 1, 10, 1000] {
            let confidence = Self.verdict(rule, score: 3).confidence(lastedMs: hours * Self.hour, sensors: 1)
            #expect(confidence >= before)
            before = confidence
        }
        let alone = Self.verdict(rule, score: 3).confidence(lastedMs: 0, sensors: 1)
        let four = Self.verdict(rule, score: 3).confidence(lastedMs: 0, sensors: 4)
        #expect(four > alone)
        #expect(Self.verdict(rule, score: 3).confidence(lastedMs: 0, sensors: 10_000) == four, "bounded")
    }

    @Test func whatIsNoNumberIsAnEvenGuess() {
        #expect(Self.verdict(.burst, score: .nan).confidence(lastedMs: 0, sensors: 1) == 0.5)
    }

    /// By the table: night flow with its usual score, just seen, is 1 / (1 + e^−2.9).
    @Test func theCurveIsTheTables() {
        let confidence = Self.verdict(.nightFlow, score: 2.22).confidence(lastedMs: 0, sensors: 1)
        #expect(abs(confidence - 0.9478464369215823) < 1e-12)
        // e − 1 hours: ln(1 + h) is 1.
        let later = Self.verdict(.nightFlow, score: 2.22).confidence(lastedMs: 6_185_815, sensors: 1)
        #expect(abs(later - 0.9560615) < 1e-5)
    }

    @Test func intervalsKeepTheirOrder() {
        let turned = Interval(value: 5, low: 9, high: 1)
        #expect(turned.low == 5 && turned.high == 5)
        #expect(!Interval.unknown.isKnown && Interval.unknown == Interval.unknown)
    }
}
