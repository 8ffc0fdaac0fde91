internal import Glibc

/// How long half of all take, when some have not ended yet.
///
/// Of those that have ended alone the median would be too short, and shortest where most is left undone: what is still open has
/// taken at least as long as it has been open. It is the median of Kaplan's and Meier's estimate, which counts each open one
/// for as long as it has been.
///
/// - Source: Kaplan and Meier, J. Am. Stat. Assoc. 53 (1958); the interval as Brookmeyer and Crowley, Biometrics 38 (1982),
///   on a logarithmic scale with Greenwood's variance. Where all have ended: the median, and ``OrderStatistics``.
public struct SpanMedian: Sendable, Equatable {
    /// Of those that have ended.
    public let ended: Int
    /// Those that have not.
    public let waiting: Int
    /// In seconds; infinite when it can't be said, for too few have ended; nil of nothing.
    public private(set) var seconds: Double?
    /// The 95 % interval; its upper end is infinite when it can't be said. nil of fewer than 6.
    public private(set) var interval: ClosedRange<Double>?

    /// - Parameters:
    ///   - ended: how long those took that have ended.
    ///   - waiting: how long the others have been waiting so far.
    public init(ended: SpanHistogram, waiting: SpanHistogram = SpanHistogram()) {
        (self.ended, self.waiting) = (ended.total, waiting.total)
        guard waiting.total > 0 else {
            (seconds, interval) = (ended.medianSeconds, ended.medianInterval)
            return
        }
        estimate(ended, waiting)
    }

    /// As with ``OrderStatistics``.
    private static let fewest = 6.0

    private mutating func estimate(_ ended: SpanHistogram, _ waiting: SpanHistogram) {
        var atRisk = Double(ended.total + waiting.total)
        let isEnough = atRisk >= Self.fewest
        // The share that takes longer, and the sum behind the variance of its logarithm.
        var (share, spread) = (1.0, 0.0)
        var (median, low, high) = (Double.infinity, Double.infinity, Double.infinity)
        // Where exactly half take longer, the median lies between there and the next end.
        var half: Double?
        for bucket in 0..<max(ended.bucketsInUse, waiting.bucketsInUse) {
            let ends = Double(ended.count(in: bucket))
            if ends > 0 {
                let at = SpanHistogram.middle(of: bucket)
                if let begun = half { (median, half) = ((begun + at) / 2, nil) }
                share *= 1 - ends / atRisk
                spread += ends / (atRisk * (atRisk - ends))
                if median == .infinity {
                    if abs(share - 0.5) < 1e-9 { half = at } else if share < 0.5 { median = at }
                }
                let factor = exp(Normal.z95 * spread.squareRoot())
                if low == .infinity, share / factor <= 0.5 { low = at }
                // With none left at risk the variance is not known.
                if high == .infinity, spread.isFinite, share * factor <= 0.5 { high = at }
            }
            // Who waited as long as another took was still there when that one ended.
            let left = atRisk - ends - Double(waiting.count(in: bucket))
            // So long most of enough have taken; of what comes behind too few tell.
            if low == .infinity, atRisk >= Self.fewest, left < Self.fewest { low = SpanHistogram.middle(of: bucket) }
            atRisk = left
        }
        seconds = median
        if isEnough { interval = low...high }
    }
}
