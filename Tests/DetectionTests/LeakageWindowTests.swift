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

    private static func hour(_ sample: Sample) -> Int64 { sample.atMs / .hour }

    /// Quarters with gaps: what lies in the thirty hours before the latest and in its own, the oldest hour with the share
    /// that the latest has not replaced yet.
    @Test(arguments: 1...6) func equalsRecomputationThroughGapsAndRebasing(_ seed: Int) throws {
        var random = Random(seed: UInt64(seed))
        var window = LeakageWindow(hours: 30, scale: 0.02)
        var samples: [Sample] = []
        var atMs = Int64.monday
        for step in 0..<3000 {
            // Now and then hours or days are missing.
            atMs +=
                Int.random(in: 0..<50, using: &random) == 0
                ? Int64.random(in: 1...60, using: &random) * .hour : 15 * .minute
            let sample = Sample(
                atMs: atMs, level: 10 + 5 * random.normal(), residual: random.normal(),
                weight: 0.5 + Double.random(in: 0..<1, using: &random))
            samples.append(sample)
            window.append(
                SIMD4(repeating: sample.residual), levels: SIMD4(repeating: sample.level),
                weights: SIMD4(repeating: sample.weight), atMs: atMs)
            samples.removeAll { Self.hour($0) < Self.hour(sample) - 30 }
            if step % 700 == 699 {
                window.rebase(by: 0.5)
                for index in samples.indices {
                    samples[index].residual -= 0.5
                    samples[index].level += 0.5
                }
            }
            let leaving = samples.filter { Self.hour($0) == Self.hour(sample) - 30 }
            let come = samples.count { Self.hour($0) == Self.hour(sample) }
            var shared = samples
            if !leaving.isEmpty {
                let share = 1 - min(1, Double(come) / Double(leaving.count))
                for index in shared.indices.prefix(leaving.count) { shared[index].weight *= share }
            }
            let expected = naive(shared, scale: 0.02)
            #expect(abs(window.fit.leakage[3] - expected.leakage) < 1e-4)
            #expect(abs(window.fit.misfit[0] - expected.misfit) < 1e-3)
            #expect(window.count == samples.count)
            #expect(window.oldestMs == samples.first?.atMs)
        }
    }

    @Test func aSwarmOfValuesWithinTheHourIsCounted() {
        var window = LeakageWindow(hours: 2, scale: 0.02)
        for second in 0..<10_800 {
            let atMs = Int64.monday + Int64(second) * 1000
            window.append(
                SIMD4(repeating: 1), levels: SIMD4(repeating: 5), weights: SIMD4(repeating: 1), atMs: atMs)
        }
        #expect(window.count == 10_800)
        #expect(abs(window.fit.leakage[0] - 1) < 0.1)
    }

    @Test func aClockThatFallsBackLosesNothingOfTheHourThatRan() {
        var window = LeakageWindow(hours: 2, scale: 0.02)
        for atMs in [5, 6, 1, 2, 7] as [Int64] {
            window.append(
                SIMD4(repeating: 1), levels: SIMD4(repeating: 5), weights: SIMD4(repeating: 1),
                atMs: .monday + atMs * .hour)
        }
        // Two past hours have room: the one that fell back first has gone, and what it was among.
        #expect(window.count <= 3 && window.fit.leakage[0].isFinite)
    }

    @Test func aLeakIsTheConstantAndAWarmDayIsNot() {
        var (leak, warm) = (
            LeakageWindow(hours: 30, scale: 0.05), LeakageWindow(hours: 30, scale: 0.05)
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
        let window = LeakageWindow(hours: 1, scale: 0.02)
        #expect(window.fit.leakage == SIMD4() && window.oldestMs == nil)
    }
}
