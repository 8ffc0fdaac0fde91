internal import Histogram
internal import Metrics
internal import Synchronization

/// Recorded values as an HdrHistogram: counts by magnitude, to two significant digits (within 1 %).
///
/// Recording takes an uncontended lock and some 30 ns: once a batch or a request, not once a reading.
final class DistributionMetric: TimerHandler, RecorderHandler {
    private struct State {
        var histogram: Histogram<UInt64>
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
                    numberOfSignificantValueDigits: .two)))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func record(_ value: Int64) { record(Double(value)) }

    /// In units. What is negative counts as 0 and what is too large as the largest; NaN is not recorded.
    func record(_ value: Double) {
        guard !value.isNaN else { return }
        let largest = Double(scale.highest) / scale.stepsPerUnit
        let value = min(max(value, 0), largest)
        let steps = UInt64((value * scale.stepsPerUnit).rounded())
        state.withLock { state in
            state.histogram.record(min(steps, scale.highest))
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
        // Copied out (a reference and a few words), so that no recording thread waits for the walk.
        let state = state.withLock { $0 }
        // Not the histogram's own iterators: they add up values times counts, and trap when that overflows.
        let cumulative = scale.bounds.map { bound in
            state.histogram.count(within: 0...UInt64((bound * scale.stepsPerUnit).rounded()))
        }
        return Snapshot(cumulative: cumulative, count: state.histogram.totalCount, sum: state.sum)
    }

    /// The value that `percent` % of the recorded ones do not exceed, in units, within 1 %; nil before the first.
    func value(atPercentile percent: Double) -> Double? {
        let histogram = state.withLock { $0.histogram }
        guard histogram.totalCount > 0 else { return nil }
        return Double(histogram.valueAtPercentile(percent)) / scale.stepsPerUnit
    }
}
