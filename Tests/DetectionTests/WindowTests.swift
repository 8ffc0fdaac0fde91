import Detection
import Testing

/// Windows against what a naive computation over the kept values says.
@Suite struct WindowTests {
    struct Series: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var next: @Sendable (Int, inout Random) -> (stepMs: Int64, value: Double)
    }

    static let series = [
        Series(testDescription: "noise") { _, r in (1000, r.normal()) },
        Series(testDescription: "a constant") { _, _ in (1000, 7) },
        Series(testDescription: "ties") { _, r in (1000, Double(Int.random(in: 0...3, using: &r))) },
        Series(testDescription: "rising") { i, _ in (1000, Double(i)) },
        Series(testDescription: "falling") { i, _ in (1000, -Double(i)) },
        Series(testDescription: "huge then tiny") { i, r in (1000, i.isMultiple(of: 97) ? 60_000 : r.normal() * 1e-4) },
        Series(testDescription: "a large offset") { _, r in (1000, 50_000 + r.normal() * 0.01) },
        Series(testDescription: "gaps") { i, r in (i.isMultiple(of: 41) ? 90_000 : 1000, r.normal()) },
        Series(testDescription: "same moment") { i, r in (i.isMultiple(of: 3) ? 1000 : 0, r.normal()) },
        Series(testDescription: "a saw") { i, _ in (500, Double(i % 29)) },
    ]

    @Test(arguments: series) func momentsAreExact(_ s: Series) {
        var window = TrailingMoments(spanMs: 30_000, capacity: 64)
        eachStep(s, spanMs: 30_000, capacity: 64) { kept, value, atMs in
            window.append(value, atMs: atMs)
            let mean = kept.reduce(0, +) / Double(kept.count)
            let variance =
                kept.count < 2
                ? 0 : kept.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(kept.count - 1)
            #expect(window.count == kept.count)
            #expect(abs(window.mean - mean) <= 0x1p-20)
            // Rounding each value by up to half a step moves σ by at most one.
            #expect(abs(window.variance - variance) <= 2 * variance.squareRoot() * 0x1p-20 + 0x1p-38 + 1e-12 * variance)
        }
    }

    /// The fast rounding against its plain twin.
    @Test func aStepIsTheNearestWholeNumber() {
        var random = Random(seed: 5)
        let edges: [Double] = [
            0, -0.0, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.5.nextDown, 0.5.nextUp, 0x1p36, -0x1p36, 0x1p36 - 0.5,
            0.5 - 0x1p36, 0x1p40, -1e300, .greatestFiniteMagnitude,
        ]
        for steps in edges + (0..<10_000).map({ random.normal() * Double(1 << ($0 % 37)) }) {
            let plain = Int64(min(max(steps, -0x1p36), 0x1p36).rounded(.toNearestOrEven))
            #expect(TrailingMoments.nearestStep(steps) == plain, "of \(steps)")
        }
    }

    /// Against quantiles of a sorted copy. Levels that hardly ever move, so that many ranges rest and many nearly do.
    @Test func aRangeRestsWhenItsInnerNineTenthsAreOneValue() {
        var random = Random(seed: 8)
        for capacity in [3, 5, 24, 40] {
            var (window, sorted) = (RestingRange(capacity: capacity), SortedWindow(capacity: capacity))
            var timesMs: [Int64] = []
            var rests = 0
            for step in 0..<20_000 {
                let isOther = Int.random(in: 0..<14, using: &random) == 0
                let (value, atMs) = (isOther ? 40 + random.normal().rounded() : 40, Int64(step) * 60_000)
                let droppedMs = window.append(value, atMs: atMs)
                sorted.append(value)
                timesMs.append(atMs)
                #expect(droppedMs == (step < capacity ? nil : timesMs[step - capacity]))
                let width = sorted.quantile(0.95) - sorted.quantile(0.05)
                #expect(window.isResting == (sorted.isFull && width == 0), "\(capacity) values, step \(step)")
                if window.isResting { rests += 1 }
            }
            #expect((1000..<19_000).contains(rests), "\(rests) of \(capacity) values rested: nothing is compared")
        }
    }

    @Test func momentsForgetAHugeValueWithoutATrace() {
        var touched = TrailingMoments(spanMs: 10_000, capacity: 16)
        var clean = touched
        touched.append(6e4, atMs: 0)
        for i in 1...100 {
            touched.append(Double(i) * 0.001, atMs: Int64(i) * 1000)
            clean.append(Double(i) * 0.001, atMs: Int64(i) * 1000)
        }
        #expect(touched.mean == clean.mean)
        #expect(touched.variance == clean.variance)
    }

    @Test func anEmptyWindowIsQuiet() {
        var window = TrailingMoments(spanMs: 1000, capacity: 4)
        #expect(window.mean == 0 && window.variance == 0 && window.oldestMs == nil)
        window.append(3, atMs: 0)
        window.expire(nowMs: 1000)
        #expect(window.count == 0 && window.mean == 0)
    }

    @Test(arguments: series, [TrailingExtreme.Kind.minimum, .maximum])
    func extremesAreTheWindows(_ s: Series, _ kind: TrailingExtreme.Kind) {
        var window = TrailingExtreme(kind, spanMs: 30_000, capacity: 64)
        eachStep(s, spanMs: 30_000, capacity: 64) { kept, value, atMs in
            window.append(value, atMs: atMs)
            #expect(window.value == (kind == .minimum ? kept.min() : kept.max()))
        }
        window.expire(nowMs: .max)
        #expect(window.value == nil)
    }

    @Test(arguments: series, [1, 2, 7, 28]) func sortedWindowsKnowTheirQuantiles(_ s: Series, _ capacity: Int) {
        var window = SortedWindow(capacity: capacity)
        eachStep(s, spanMs: .max, capacity: capacity) { kept, value, _ in
            window.append(value)
            let sorted = kept.sorted()
            for p in [0, 0.05, 0.25, 0.5, 0.9, 1] { #expect(window.quantile(p) == Self.quantile(sorted, p)) }
            let median = Self.quantile(sorted, 0.5)
            let distances = sorted.map { abs($0 - median) }.sorted()
            #expect(abs(window.medianAbsoluteDeviation - Self.quantile(distances, 0.5)) <= 1e-12 * (1 + abs(median)))
        }
    }

    @Test func exponentialAverageStartsAsAPlainMean() {
        var average = ExponentialAverage(rate: 0.01)
        for value in [2.0, 4, 6, 8] { average.append(value) }
        #expect(abs(average.level - 5) < 1e-12)
        for _ in 0..<2000 { average.append(20) }
        #expect(abs(average.level - 20) < 1e-6 && average.deviation < 0.1)
    }

    @Test(
        arguments: [
            ([], 0), ([5], 0), ([5, 5, 5], 0), ([3, 5, 4], 1), ([0.3, 0.1, 0.1, 0.6], 0.2),
            ([1e9, -1e9, 1e9 + 8], 2e9),
        ] as [([Double], Double)]) func theGrainIsTheSmallestStep(_ values: [Double], _ step: Double)
    {
        var grain = Grain()
        for value in values { grain.append(value) }
        #expect(abs(grain.deviation - step / 12.squareRoot()) <= 1e-6 * step)
    }

    @Test func cumulativeSumIgnoresNoiseAndSeesDrift() {
        var drift = CumulativeSum(slack: 0.75, limit: 8)
        for _ in 0..<1000 { drift.append(0.7) }
        #expect(!drift.isAbove)
        let steps = (1...100).first { _ in
            drift.append(1.75)
            return drift.isAbove
        }
        #expect(steps == 8)
        drift.reset()
        #expect(drift.sum == 0)
    }

    @Test func runsAreCountedAndLearnedApartForZeros() {
        var run = RunLength()
        for (i, value) in [5.0, 5, 5, 0, 0, 1].enumerated() { run.append(value, atMs: Int64(i), isLearning: true) }
        #expect(run.longestOthers == 3 && run.longestZeros == 2 && run.count == 1 && run.sinceMs == 5)
        run.append(1, atMs: 6, isLearning: false)
        run.append(2, atMs: 7, isLearning: false)
        #expect(run.longestOthers == 3)
    }

    @Test func slotsAreHandedOutOnceWhateverTheCadence() {
        func ends(stepMs: Int64, count: Int, skipping: Set<Int> = []) -> [Int64] {
            var slots = SlotMean(lengthMs: 15 * .minute)
            var ends: [Int64] = []
            for i in 0..<count where !skipping.contains(i) {
                let done = slots.append(1, atMs: Int64(i) * stepMs)
                ends += [done.earlier, done.own].compactMap { $0?.atMs }
            }
            return ends.map { $0 / .minute }
        }
        // At the cadence of the slots, each reading is one; the first has no interval yet and waits.
        #expect(ends(stepMs: 15 * .minute, count: 4) == [0, 15, 30, 45])
        #expect(ends(stepMs: 5 * .minute, count: 9) == [10, 25, 40].filter { $0 <= 40 })
        #expect(ends(stepMs: .hour, count: 3) == [0, 60, 120])
        // The reading that would have ended the slot is lost: the slot comes with the next.
        #expect(ends(stepMs: 5 * .minute, count: 7, skipping: [2]).first == 5)
    }

    @Test func theProfileKnowsTheTimeOfWeekAndClipsOddDays() throws {
        var profile = TimeOfWeekProfile()
        var random = Random(seed: 1)
        for _ in 0..<60 {
            for quarter in 0..<96 {
                profile.learn(100 + Double(quarter) + random.normal(), .workday, quarter: quarter)
                profile.learn(40 + random.normal(), .sunday, quarter: quarter)
            }
        }
        let noon = try #require(profile.expected(.workday, quarter: 48))
        #expect(abs(noon.level - 148) < 1 && (0.4...1.6).contains(noon.deviation))
        #expect(abs(try #require(profile.expected(.sunday, quarter: 48)).level - 40) < 1)
        // Saturday has never been seen: workdays stand in.
        #expect(try #require(profile.expected(.saturday, quarter: 48)).level == noon.level)
        profile.learn(100_000, .workday, quarter: 48)
        #expect(abs(try #require(profile.expected(.workday, quarter: 48)).level - 148) < 2)
        #expect(TimeOfWeekProfile().expected(.workday, quarter: 0) == nil)
    }

    private static func quantile(_ sorted: [Double], _ p: Double) -> Double {
        let position = p * Double(sorted.count - 1)
        let below = Int(position)
        guard below + 1 < sorted.count else { return sorted[sorted.count - 1] }
        return sorted[below] + (sorted[below + 1] - sorted[below]) * (position - Double(below))
    }

    /// Runs a series and hands over what a window of that span and capacity holds after each value.
    private func eachStep(
        _ series: Series, spanMs: Int64, capacity: Int, _ body: ([Double], Double, Int64) -> Void
    ) {
        var random = Random(seed: 42)
        var kept: [(atMs: Int64, value: Double)] = []
        var atMs: Int64 = 0
        for i in 0..<600 {
            let (stepMs, value) = series.next(i, &random)
            atMs += stepMs
            kept.append((atMs, value))
            if spanMs != .max { kept.removeAll { $0.atMs <= atMs - spanMs } }
            if kept.count > capacity { kept.removeFirst(kept.count - capacity) }
            body(kept.map(\.value), value, atMs)
        }
    }
}
