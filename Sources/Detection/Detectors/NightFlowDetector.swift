internal import Readings

/// Finds leaks that stay: flow above the time of week, weighted so that quiet hours count most.
///
/// The residuals of the last 30 hours, each weighted by 1/σ² of its time of week, make one mean: a minimum night flow
/// that is always fresh. It is judged against its own values at 05:30 of recent days (median and MAD of 28, the last
/// five left out because a leak may be growing in them), under every day type, so that a bank holiday which looks like
/// a Sunday is no leak. A cumulative sum of the daily values catches slow leaks.
///
/// - Complexity: O(1) amortised a quarter of an hour. Memory: 6 kB.
/// - Source: minimum night flow: UKWIR/WRc Managing Leakage (1994), IWA Water Loss Task Force; comparison with own
///   history: Mounce, Boxall & Machell, J. Water Resour. Plan. Manag. 136 (2010); CUSUM: Page (1954).
struct NightFlowDetector: Sendable, Equatable, StateCodable {
    private let parameters: NightFlowParameters
    private var window: ResidualWindow
    private var reference = SortedWindow(capacity: 28)
    /// Daily values too young to be a reference: day and value, oldest first.
    private var quarantine = Quarantine(capacity: 8)
    private var drift: CumulativeSum
    /// The lane of the calendar's day type.
    private let own = 3
    private var judgedDay = Int.min
    private var wasActive = false
    private var lowDays = 0
    /// When the statistic last crossed its clearing threshold upwards.
    private var raisedSinceMs: Int64 = 0

    init(parameters: NightFlowParameters) {
        self.parameters = parameters
        window = ResidualWindow(spanMs: 30 * hourMs, capacity: 120)
        drift = CumulativeSum(slack: parameters.driftSlack, limit: parameters.driftLimit)
    }

    /// Folds in a quarter's residuals and their σ: a lane for each day type, and last the one that the calendar says.
    mutating func append(_ residuals: SIMD4<Double>, sigmas: SIMD4<Double>, atMs: Int64) {
        window.append(residuals, weights: 1 / (sigmas * sigmas), atMs: atMs)
    }

    /// Judges the window. `scale`: mean of the quantity, of which the σ floor is a share.
    ///
    /// - Returns: nil while it is warming up.
    mutating func judge(_ local: LocalTime, atMs: Int64, scale: Double, isActive: Bool, isLearning: Bool) -> Finding? {
        if isActive != wasActive {
            // What had led here is part of the leak, not of the reference; what follows a repair starts afresh.
            quarantine.removeAll()
            if !isActive { drift.reset() }
            wasActive = isActive
        }
        // Nearly a whole day, hourly at least.
        guard window.count >= 20, let oldestMs = window.oldestMs, atMs - oldestMs >= 24 * hourMs else { return nil }
        let isDaily = local.day > judgedDay && local.secondOfDay >= 19_800
        let z = statistic(scale: scale)
        if isDaily {
            judgedDay = local.day
            if let z, !isActive { drift.append(min(z.value, 6)) }
            if let z { lowDays = z.ownValue < -parameters.opens ? lowDays + 1 : 0 }
            if isLearning, !isActive { remember(window.means[own], day: local.day) }
        }
        guard let z else { return nil }
        return finding(z, isActive: isActive, atMs: atMs)
    }

    /// Whether the level has been far below the time of week for two days: a repair whose leak had been learned.
    var isRebased: Bool { lowDays >= 2 }

    /// The profile has moved by `shift`.
    mutating func rebase(by shift: Double) {
        window.subtract(shift)
        drift.reset()
        quarantine.removeAll()
        lowDays = 0
    }

    /// The excess that ``rebase(by:)`` should take away.
    var rebasingShift: Double { window.means[own] - reference.median }

    private struct Statistic {
        /// Under the day type that explains most.
        var value: Double
        var ownValue: Double
        var sigma: Double
        var excess: Double
    }

    private func statistic(scale: Double) -> Statistic? {
        guard reference.count >= parameters.referenceDays else { return nil }
        let sign = parameters.sign
        let floor = parameters.sigmaFloor * abs(scale)
        // A deviation of few days is uncertain itself.
        let spread = 1.4826 * reference.medianAbsoluteDeviation * (1 + 2 / Double(reference.count))
        let sigma = max(spread, floor, 1e-9)
        let means = (window.means - reference.median) * sign
        let zs = means / sigma
        var (value, excess) = (zs[own], means[own])
        for lane in 0..<3 where zs[lane] + 1 < value {
            (value, excess) = (zs[lane] + 1, means[lane])
        }
        return Statistic(value: value, ownValue: zs[own], sigma: sigma, excess: excess)
    }

    private mutating func remember(_ value: Double, day: Int) {
        while let oldest = quarantine.oldest, oldest.day <= day - parameters.quarantineDays {
            reference.append(oldest.value)
            quarantine.removeOldest()
        }
        quarantine.append(day: day, value: value)
    }

    private mutating func finding(_ z: Statistic, isActive: Bool, atMs: Int64) -> Finding {
        let condition: Verdict.Condition
        // Another day type may excuse an opening; to clear, the day must look like itself again.
        let clearing = isActive ? z.ownValue : z.value
        if z.value >= parameters.opens || (parameters.findsDrift && drift.isAbove && z.value >= parameters.clears) {
            condition = .abnormal
        } else {
            condition = clearing < parameters.clears ? .normal : .between
        }
        if condition == .normal { raisedSinceMs = atMs }
        return Finding(
            condition: condition, onsetMs: raisedSinceMs == 0 ? window.oldestMs ?? atMs : raisedSinceMs,
            score: max(0, z.value), observed: parameters.sign * z.excess, expected: 0,
            threshold: parameters.sign * parameters.opens * z.sigma)
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&window)
        coder.code(&reference)
        coder.code(&quarantine)
        coder.code(&drift)
        coder.code(&judgedDay)
        coder.code(&wasActive)
        coder.code(&lowDays)
        coder.code(&raisedSinceMs)
    }
}

/// When night flow, or pressure, differs.
public struct NightFlowParameters: Sendable, Equatable {
    /// z that opens. 3.5 on a robust scale: Iglewicz & Hoaglin, How to Detect and Handle Outliers (1993).
    public var opens = 3.5
    /// z below which it clears: well inside ordinary days, and far from ``opens``.
    public var clears = 1.4
    /// Least σ as a share of the mean: demand itself is never steadier (1.6 % of flow).
    public var sigmaFloor = 0.016
    /// +1: too high is bad (flow). −1: too low is bad (pressure).
    public var sign = 1.0
    /// Whether slow leaks are summed up.
    public var findsDrift = true
    /// CUSUM on the daily z: drift to ignore, and limit. About one false alarm in a year for independent days.
    public var driftSlack = 0.75, driftLimit = 8.0
    /// The youngest days, in which a leak may already be growing.
    public var quarantineDays = 5
    /// Days of reference before anything is judged.
    public var referenceDays = 5

    public init() {}

    /// Pressure is steadier than flow, and falls when there is a leak.
    public static let pressure: NightFlowParameters = {
        var parameters = NightFlowParameters()
        parameters.opens = 4
        parameters.sigmaFloor = 0.008
        parameters.sign = -1
        parameters.findsDrift = false
        return parameters
    }()

    func problems(_ key: String) -> [String] {
        var found: [String] = []
        if !(clears > 0 && clears < opens) {
            found.append("\(key).clears: must be above 0 and below \(key).opens (\(opens)), found \(clears)")
        }
        if !(0.001...0.5).contains(sigmaFloor) {
            found.append("\(key).sigma_floor: must be 0.001–0.5, found \(sigmaFloor)")
        }
        if !(1...8).contains(quarantineDays) {
            found.append("\(key).quarantine_days: must be 1–8, found \(quarantineDays)")
        }
        if !(2...28).contains(referenceDays) {
            found.append("\(key).reference_days: must be 2–28, found \(referenceDays)")
        }
        if driftSlack < 0 || driftLimit <= 0 {
            found.append("\(key).drift: slack must be 0 or more and limit above 0, found \(driftSlack), \(driftLimit)")
        }
        return found
    }
}
