internal import Histogram
internal import Metrics
internal import Synchronization

/// Recorded values: an HdrHistogram for quantiles (two significant digits, within 1 %), and exact counts for the exported
/// buckets, so that a scrape adds up some twenty numbers and not the histogram's thousands.
///
/// Recording takes an uncontended lock and some 40 ns: once a batch or a request, not once a reading.
final class DistributionMetric: TimerHandler, RecorderHandler {
    private struct State {
        var histogram: Histogram<UInt64>
        /// Values by the first of the scale's bounds that they do not exceed; the last place for those beyond all.
        var buckets: [UInt64]
        /// In whole units, not rounded by the histogram.
        var sum = 0.0
    }

    /// What a distribution measures, and how finely.
    struct Scale: Sendable {
        /// Histogram steps in one unit of the exported metric.
        var stepsPerUnit: Double
        /// Upper bounds of the exported buckets, in units, ascending.
        var bounds: [Double]
        /// Histogram steps.
        var lowest: UInt64, highest: UInt64

        /// Durations: recorded in nanoseconds, exported in seconds, told apart from 1 µs to 1 h.
        static let seconds = Scale(
            stepsPerUnit: 1e9,
            bounds: [
                0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
                60,
            ],
            lowest: 1000, highest: 3_600_000_000_000)
        /// Sizes and counts: told apart from 0.001 to 10¹².
        static let amounts = Scale(
            stepsPerUnit: 1000,
            bounds: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6, 1e7],
            lowest: 1, highest: 1_000_000_000_000_000)
    }

    let scale: Scale
    private let state: Mutex<State>

    init(_ scale: Scale) {
        self.scale = scale
        state = Mutex(
            State(
                histogram: Histogram(
                    lowestDiscernibleValue: scale.lowest, highestTrackableValue: scale.highest,
                    numberOfSignificantValueDigits: .two),
                buckets: Array(repeating: 0, count: scale.bounds.count + 1)))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func record(_ value: Int64) { record(Double(value)) }

    /// In units. What is negative counts as 0 and what is too large as the largest; NaN is not recorded.
    func record(_ value: Double) {
        guard !value.isNaN else { return }
        let largest = Double(scale.highest) / scale.stepsPerUnit
        let value = min(max(value, 0), largest)
        let steps = UInt64((value * scale.stepsPerUnit).rounded())
        let bucket = scale.bounds.firstIndex { value <= $0 } ?? scale.bounds.count
        state.withLock { state in
            state.histogram.record(min(steps, scale.highest))
            state.buckets[bucket] += 1
            state.sum += value
        }
    }

    /// What the Prometheus text shows, of one moment.
    struct Snapshot: Equatable {
        /// Values at or below each of the scale's bounds, and in all.
        var cumulative: [UInt64]
        var count: UInt64
        /// In units.
        var sum: Double
    }

    func snapshot() -> Snapshot {
        // Copied out (a reference and a few words), so that no recording thread waits for the sum.
        let (buckets, sum) = state.withLock { ($0.buckets, $0.sum) }
        var count: UInt64 = 0
        let cumulative = buckets.map { bucket in
            count += bucket
            return count
        }
        return Snapshot(cumulative: Array(cumulative.dropLast()), count: count, sum: sum)
    }

    /// The value that `percent` % of the recorded ones do not exceed, in units, within 1 %; nil before the first.
    func value(atPercentile percent: Double) -> Double? {
        let histogram = state.withLock { $0.histogram }
        guard histogram.totalCount > 0 else { return nil }
        return Double(histogram.valueAtPercentile(percent)) / scale.stepsPerUnit
    }
}
