import IssueStorage
import Testing

@Suite struct FrameTallyTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var counters: [Int64]
        var lost: Double?
    }

    private static func run(_ range: ClosedRange<Int64>, by step: Int64 = 1) -> [Int64] {
        Array(stride(from: range.lowerBound, through: range.upperBound, by: Int(step)))
    }

    private static let cases: [Case] = [
        Case(testDescription: "every frame came", counters: run(1...100), lost: 0),
        Case(testDescription: "every second came", counters: run(1...199, by: 2), lost: 0.4975),
        Case(
            testDescription: "readings of one message share a frame", counters: run(1...50).flatMap { [$0, $0, $0] },
            lost: 0),
        Case(testDescription: "too few to tell", counters: [1, 5, 9], lost: nil),
        Case(
            testDescription: "a counter that began anew lost nothing", counters: run(1000...1030) + run(1...30), lost: 0
        ),
        Case(
            testDescription: "frames in another order are not lost",
            counters: run(1...30).flatMap { [$0 * 2, $0 * 2 - 1] },
            lost: 0),
        Case(
            testDescription: "a leap too far is a new beginning", counters: run(1...30) + run(90_000...90_030), lost: 0),
    ]

    @Test(arguments: cases)
    func countsWhatNeverCame(_ c: Case) {
        var tally = FrameTally()
        for counter in c.counters { tally.note(counter) }
        if let lost = c.lost, let found = tally.lostShare {
            #expect(abs(found - lost) < 0.005)
        } else {
            #expect(tally.lostShare == c.lost)
        }
    }
}
