import Detection
import Testing

@Suite struct MomentTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var values: [Double]
    }

    static let cases: [Case] = {
        var random = Random(seed: 21)
        return [
            Case(testDescription: "random", values: (0..<2000).map { _ in random.normal() }),
            Case(testDescription: "ties", values: (0..<2000).map { Double($0 % 3) }),
            Case(testDescription: "constant", values: Array(repeating: 0.1, count: 2000)),
            Case(testDescription: "huge", values: (0..<2000).map { _ in 1e15 + 1e6 * random.normal() }),
            Case(testDescription: "tiny", values: (0..<2000).map { _ in 1e-15 * random.normal() }),
            Case(testDescription: "huge and tiny", values: (0..<2000).map { $0 % 2 == 0 ? 1e9 : 1e-9 }),
            Case(testDescription: "steps", values: (0..<2000).map { Double($0 / 500) * 1000 }),
        ]
    }()

    /// Weights by hand: value k of n counts `1/k` while all are remembered, then fades.
    @Test(arguments: cases) func fadingMomentsAreTheWeightedOnes(_ c: Case) {
        let memory = 100.0
        var moments = ExponentialMoments(memory: memory)
        for value in c.values { moments.append(value) }
        var weights = Array(repeating: 0.0, count: c.values.count)
        for index in c.values.indices {
            let rate = 1 / min(Double(index + 1), memory)
            for earlier in 0..<index { weights[earlier] *= 1 - rate }
            weights[index] = rate
        }
        let mean = zip(weights, c.values).reduce(0) { $0 + $1.0 * $1.1 }
        let variance = zip(weights, c.values).reduce(0) { $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean) }
        let size = c.values.reduce(0) { max($0, $1.magnitude) }
        #expect(abs(moments.mean - mean) <= 1e-12 * size)
        #expect(abs(moments.variance - variance) <= 1e-9 * variance + 1e-24 * size * size)
        #expect(moments.variance >= 0)
    }

    @Test(arguments: cases) func theRecentMeanIsTheMeanOfTheLast(_ c: Case) {
        for capacity in [1, 12, 100] {
            var recent = RecentMean(capacity: capacity)
            for (index, value) in c.values.enumerated() {
                recent.append(value)
                let last = c.values[max(0, index + 1 - capacity)...index]
                let size = last.reduce(0) { max($0, $1.magnitude) }
                // What has just left still rounds the sum until the ring has turned.
                let left = c.values[max(0, index + 1 - 2 * capacity)...index].reduce(0) { max($0, $1.magnitude) }
                let naive = last.reduce(0, +) / Double(last.count)
                #expect(abs(recent.mean - naive) <= 1e-12 * size + 4e-16 * Double(2 * capacity) * left)
            }
        }
    }

    @Test func roundingDoesNotBuildUp() {
        // 10⁸ values would take a second; the ring's turn bounds the error, so that 10⁷ show it as well.
        var recent = RecentMean(capacity: 12)
        var random = Random(seed: 22)
        for _ in 0..<10_000_000 { recent.append(Double(random.next() >> 12) / 3) }
        for _ in 0..<24 { recent.append(0.125) }
        #expect(recent.mean == 0.125)
    }

    @Test func scoresNeedSpread() {
        var moments = ExponentialMoments(memory: 10)
        #expect(moments.standardScore(5, floor: 0) == 0)
        moments.append(3)
        moments.append(3)
        #expect(moments.standardScore(5, floor: 0) == 0)
        #expect(moments.standardScore(5, floor: 0.5) == 4)
    }
}
