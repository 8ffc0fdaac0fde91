import Detection
import Testing

/// The regression behind night flow, against a plain recomputation.
@Suite struct LeakageWindowTests {
    private struct Sample {
        var atMs: Int64
        var level, residual, weight: Double
    }

    private func naive(_ samples: [Sample], scale: Double) -> (leakage: Double, misfit: Double) {
        func sum(_ f: (Sample) -> Double) -> Double { samples.reduce(0) { $0 + f($1) } }
        let (w, b) = (sum { $0.weight }, sum { $0.weight * $0.level })
        let bb = sum { $0.weight * $0.level * $0.level } + 1 / (scale * scale)
        let (r, br) = (sum { $0.weight * $0.residual }, sum { $0.weight * $0.level * $0.residual })
        let determinant = w * bb - b * b
        let (leakage, demand) = ((bb * r - b * br) / determinant, (w * br - b * r) / determinant)
        return (leakage, sum { $0.weight * $0.residual * $0.residual } - leakage * r - demand * br)
    }

    @Test(arguments: 1...6) func equalsRecomputationThroughGapsAndRebasing(_ seed: Int) {
        var random = Random(seed: UInt64(seed))
        var window = LeakageWindow(spanMs: 30 * .hour, capacity: 120, scale: 0.02)
        var samples: [Sample] = []
        var atMs = Int64.monday
        for step in 0..<3000 {
            // Now and then hours or days are missing.
            atMs +=
                Int.random(in: 0..<50, using: &random) == 0
                ? Int64.random(in: 1...60, using: &random) * .hour : 15 * .minute
            let sample = Sample(
                atMs: atMs, level: Double(Float(10 + 5 * random.normal())), residual: Double(Float(random.normal())),
                weight: Double(Float(0.5 + Double.random(in: 0..<1, using: &random))))
            samples.append(sample)
            window.append(
                SIMD4(repeating: sample.residual), levels: SIMD4(repeating: sample.level),
                weights: SIMD4(repeating: sample.weight), atMs: atMs)
            samples.removeAll { $0.atMs <= atMs - 30 * .hour }
            if samples.count > 120 { samples.removeFirst(samples.count - 120) }
            if step % 700 == 699 {
                window.rebase(by: 0.5)
                for index in samples.indices {
                    samples[index].residual -= 0.5
                    samples[index].level += 0.5
                }
            }
            let expected = naive(samples, scale: 0.02)
            #expect(abs(window.fit.leakage[3] - expected.leakage) < 1e-4)
            #expect(abs(window.fit.misfit[0] - expected.misfit) < 1e-3)
            #expect(window.count == samples.count)
        }
    }

    @Test func aLeakIsTheConstantAndAWarmDayIsNot() {
        var (leak, warm) = (
            LeakageWindow(spanMs: 30 * .hour, capacity: 120, scale: 0.05),
            LeakageWindow(spanMs: 30 * .hour, capacity: 120, scale: 0.05)
        )
        for quarter in 0..<120 {
            let level = quarter % 96 < 24 ? 20.0 : 60
            let weight = 1 / (0.05 * level * 0.05 * level)
            let atMs = Int64.monday + Int64(quarter) * 15 * .minute
            leak.append(
                SIMD4(repeating: 3), levels: SIMD4(repeating: level), weights: SIMD4(repeating: weight), atMs: atMs)
            warm.append(
                SIMD4(repeating: 0.05 * level), levels: SIMD4(repeating: level), weights: SIMD4(repeating: weight),
                atMs: atMs)
        }
        #expect(abs(leak.fit.leakage[0] - 3) < 0.1)
        #expect(abs(warm.fit.leakage[0]) < 0.1)
    }

    @Test func nothingIsKnownOfNothing() {
        let window = LeakageWindow(spanMs: .hour, capacity: 4, scale: 0.02)
        #expect(window.fit.leakage == SIMD4() && window.oldestMs == nil)
    }
}
