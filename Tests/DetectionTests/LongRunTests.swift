import Detection
import Testing

/// After a hundred million values, among them some that are absurdly large, each statistic is what it is after the last few
/// alone: nothing of the past builds up.
@Suite struct LongRunTests {
    private static let count = 100_000_000
    /// One in 2¹⁶ values is some 10⁹ times as large as the others.
    private struct Values {
        private var state: UInt64 = 1

        mutating func next() -> Double {
            // Knuth's MMIX generator: a value a nanosecond.
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let value = Double(Int64(bitPattern: state) >> 40) / 0x1p20
            return state >> 48 == 0 ? value * 1e9 : value
        }
    }

    /// The values that are left in the end: calm ones, so that what the large ones have left behind would show.
    private static func calm(_ index: Int) -> Double { Double(index % 7) / 8 }

    /// Feeds `body` all of the values, then `tail` calm ones.
    private static func feed(tail: Int, _ body: (Double, Int64) -> Void) {
        var values = Values()
        for index in 0..<count { body(values.next(), Int64(index)) }
        for index in 0..<tail { body(calm(index), Int64(count + index)) }
    }

    @Test func trailingMomentsAreExact() {
        var window = TrailingMoments(spanMs: 64, capacity: 64, resolution: 0x1p-10)
        Self.feed(tail: 64) { window.append($0, atMs: $1) }
        let last = (0..<64).map(Self.calm)
        let mean = last.reduce(0, +) / 64
        let variance = last.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 63
        #expect(window.mean == mean)
        #expect(abs(window.variance - variance) <= 4 * variance.ulp)
    }

    @Test func theRecentMeanKeepsTheErrorOfTwoTurns() {
        var recent = RecentMean(capacity: 12)
        Self.feed(tail: 24) { value, _ in recent.append(value) }
        let mean = (12..<24).map(Self.calm).reduce(0, +) / 12
        #expect(recent.mean == mean)
    }

    @Test func extremesAreExact() {
        var least = TrailingExtreme(.minimum, spanMs: 32, capacity: 32)
        Self.feed(tail: 32) { least.append($0, atMs: $1) }
        #expect(least.value == 0)
    }

    /// Fading statistics forget by a factor each step, and with the values the rounding of them: after fifty memories all is
    /// below the last bit of what was largest, 10¹² here.
    @Test func fadingMomentsForgetTheirRounding() {
        let tail = 6000
        var moments = ExponentialMoments(memory: 100)
        Self.feed(tail: tail) { value, _ in moments.append(value) }
        var fresh = ExponentialMoments(memory: 100)
        for index in 0..<tail { fresh.append(Self.calm(index)) }
        #expect(abs(moments.mean - fresh.mean) < 1e-13)
        #expect(abs(moments.variance - fresh.variance) < 1e-13)
    }

    @Test func theExponentialAverageForgetsItsRounding() {
        let tail = 6000
        var average = ExponentialAverage(rate: 0.01)
        Self.feed(tail: tail) { value, _ in average.append(value) }
        var fresh = ExponentialAverage(rate: 0.01)
        for index in 0..<tail { fresh.append(Self.calm(index)) }
        #expect(abs(average.level - fresh.level) < 1e-13)
        #expect(abs(average.deviation - fresh.deviation) < 1e-13)
    }

    /// Its sums are made anew each hour, so that 10⁸ values are as good as the last thirty hours.
    @Test func theLeakageWindowKeepsTheErrorOfItsSpan() {
        func window() -> LeakageWindow { LeakageWindow(hours: 30, scale: 0.015) }
        func append(_ value: Double, _ atMs: Int64, to window: inout LeakageWindow) {
            let level = SIMD4<Double>(repeating: 20 + Double(atMs % 30))
            window.append(
                SIMD4(repeating: value), levels: level, weights: SIMD4(repeating: 1 + Double(atMs % 3)),
                atMs: atMs * 30_000)
        }
        var long = window()
        Self.feed(tail: 3840) { append($0, $1, to: &long) }
        var fresh = window()
        for index in 0..<3840 { append(Self.calm(index), Int64(Self.count + index), to: &fresh) }
        let (after, alone) = (long.fit, fresh.fit)
        #expect(abs(after.leakage[0] - alone.leakage[0]) < 1e-9)
        #expect(abs(after.misfit[3] - alone.misfit[3]) < 1e-6)
    }
}
