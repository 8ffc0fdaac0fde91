internal import Readings

/// Finds bursts: flow far above the time of week for hours, not days.
///
/// Two windows. Over four hours, nearly every quarter lies a tenth of the mean flow above what is expected, and the
/// mean distance is more than noise. Over an hour and three quarters, the same for a third of the mean flow: a big
/// burst; shorter than that is a hydrant or a street cleaner. Both must hold under every day type, so that a holiday's
/// late breakfast is no burst.
///
/// - Complexity: O(16) a quarter of an hour. Memory: 0.6 kB.
/// - Source: Bakker et al., "Heuristic burst detection method using flow and pressure measurements", J.
/// Hydroinformatics   16 (2014); persistence over several periods: Wu & Liu, Urban Water Journal 14 (2017).
struct BurstDetector: Sendable, Equatable, StateCodable {
    private let parameters: BurstParameters
    /// The last sixteen quarters, oldest at ``next``.
    private var quarters = Array(repeating: Quarter(), count: 16)
    private var next = 0
    /// Since when nothing has been above; `max` while something is.
    private var quietSinceMs = Int64.max

    /// In single precision: meters err by more.
    private struct Quarter: Sendable, Equatable, BitwiseCopyable {
        /// The least residual of the day types, the calendar's, the least in σ, expected flow.
        var values = SIMD4<Float>()
        var atMs = Int64.min / 2

        var residual: Double { Double(values[0]) }
        var ownResidual: Double { Double(values[1]) }
        var deviation: Double { Double(values[2]) }
        var expected: Double { Double(values[3]) }
    }

    init(parameters: BurstParameters) { self.parameters = parameters }

    mutating func append(residual: Double, own: Double, deviation: Double, expected flow: Double, atMs: Int64) {
        quarters[next] = Quarter(values: SIMD4(SIMD4<Double>(residual, own, deviation, flow)), atMs: atMs)
        next = (next + 1) % 16
    }

    /// Judges the windows that end now. `scale`: mean flow.
    mutating func judge(atMs: Int64, scale: Double) -> Finding? {
        guard scale > 0 else { return nil }
        let long = window(16, share: parameters.rise, scale: scale, atMs: atMs)
        let short = window(7, share: parameters.bigRise * 0.6, scale: scale, atMs: atMs)
        guard long.isWhole || short.isWhole else { return nil }
        let isBig =
            short.isWhole && short.above >= 7 && short.mean >= Self.bigMean * parameters.bigRise * scale
            && short.meanDeviation >= parameters.bigSigmas
        let isLong = long.isWhole && long.above >= 15 && long.meanDeviation >= parameters.sigmas
        // Another day type may excuse an opening; to clear, the day must look like itself again.
        let isQuiet = short.ownMean < 0.5 * parameters.rise * scale && long.ownMean < parameters.rise * scale
        if !isQuiet || isBig || isLong { quietSinceMs = .max }
        quietSinceMs = min(quietSinceMs, isQuiet ? atMs : .max)
        // Demand swings around a burst, so an hour of quiet is too little to call it mended.
        let isOver = isQuiet && atMs - quietSinceMs >= 3 * hourMs
        let shown = isBig ? short : long
        return Finding(
            condition: isBig ? .critical : isLong ? .abnormal : isOver ? .normal : .between,
            onsetMs: shown.sinceMs, score: max(0, shown.meanDeviation), observed: shown.expected + shown.mean,
            expected: shown.expected,
            threshold: shown.expected + (isBig ? Self.bigMean * parameters.bigRise : parameters.rise) * scale,
            spread: shown.sigma,
            estimate: Interval(worst: shown.mean, sigma: Self.meanSpread * shown.sigma).notBelowZero())
    }

    mutating func rebase(by shift: Double) {
        for slot in quarters.indices { quarters[slot].values -= SIMD4(Float(shift), Float(shift), 0, 0) }
    }

    /// What was expected is another now: nothing is known until the windows are whole again.
    mutating func removeAll() {
        for slot in quarters.indices { quarters[slot] = Quarter() }
        quietSinceMs = .max
    }

    /// A big burst's mean need not rise by all of ``BurstParameters/bigRise``: the demand around it swings.
    private static let bigMean = 0.8
    /// Quarters of one afternoon go together: σ of their mean, as a share of one quarter's.
    private static let meanSpread = 0.7

    private struct Window {
        var isWhole: Bool
        var above: Int
        var mean, ownMean, meanDeviation, expected: Double
        var sinceMs: Int64

        /// σ of a quarter, as the mean distance and its measure in σ imply it.
        var sigma: Double { meanDeviation > 0.1 ? max(0, mean / meanDeviation) : 0 }
    }

    private func window(_ length: Int, share: Double, scale: Double, atMs: Int64) -> Window {
        var window = Window(isWhole: false, above: 0, mean: 0, ownMean: 0, meanDeviation: 0, expected: 0, sinceMs: atMs)
        for back in 1...length {
            let quarter = quarters[(next - back + 16) % 16]
            if quarter.residual > share * scale { window.above += 1 }
            window.mean += quarter.residual / Double(length)
            window.ownMean += quarter.ownResidual / Double(length)
            window.meanDeviation += quarter.deviation / Double(length)
            window.expected += quarter.expected / Double(length)
            window.sinceMs = quarter.atMs
        }
        // One quarter may be missing.
        window.isWhole = atMs - window.sinceMs <= Int64(length) * 15 * minuteMs
        return window
    }

    mutating func code(_ coder: inout StateCoder) {
        var (values, timesMs) = (quarters.map(\.values), quarters.map(\.atMs))
        coder.code(&values)
        coder.code(&timesMs)
        if coder.isReading { quarters = zip(values, timesMs).map { Quarter(values: $0, atMs: $1) } }
        coder.code(&next, in: 0...15)
        coder.code(&quietSinceMs)
    }
}

/// When flow is a burst.
public struct BurstParameters: Sendable, Equatable {
    /// Rise over four hours, as a share of mean flow, and in σ of the time of week. Quarters of one afternoon go
    /// together, so that their mean spreads by 0.7 σ: 3.2 is four and a half of those.
    public var rise = 0.10, sigmas = 3.2
    /// Rise over an hour and three quarters.
    public var bigRise = 0.35, bigSigmas = 3.2

    public init() {}

    func problems(_ key: String) -> [String] {
        var found: [String] = []
        if !(rise > 0 && rise < bigRise) {
            found.append("\(key).rise: must be above 0 and below \(key).big_rise (\(bigRise)), found \(rise)")
        }
        if sigmas <= 0 || bigSigmas <= 0 {
            found.append("\(key).sigmas: must be above 0, found \(sigmas) and \(bigSigmas)")
        }
        return found
    }
}
