internal import Readings

/// Finds leaks that stay: flow above the time of week, weighted so that quiet hours count most.
///
/// The residuals of the last 30 hours are split into a constant, the leakage, and a share of demand (``LeakageWindow``):
/// a minimum night flow that is always fresh. It is judged against its own values at 05:30 of recent days: median and
/// MAD of 28, the last five left out because a leak may be growing in them, the MAD pooled with what districts are like.
/// A ``SequentialTest`` over days opens, follows, and clears; between its days only a value far out opens. A holiday is
/// lived like another day: a day type that explains the window's shape better than the calendar's may excuse an opening.
/// While days speak for a leak, nothing is learned.
///
/// - Complexity: O(1) amortised a quarter of an hour. Memory: 4 kB.
/// - Source: minimum night flow: UKWIR/WRc Managing Leakage (1994), IWA Water Loss Task Force; comparison with own
///   history: Mounce, Boxall & Machell, J. Water Resour. Plan. Manag. 136 (2010); CUSUM: Page (1954).
struct NightFlowDetector: Sendable, Equatable, StateCodable {
    // Fifteen numbers, once in memory for all sensors.
    private let shared: SharedParameters
    private let isPressure: Bool
    private var window: LeakageWindow
    private var reference = SortedWindow(capacity: 28)
    /// Daily values too young to be a reference: day and value, oldest first.
    private var quarantine = Quarantine(capacity: 8)
    private var test: SequentialTest
    /// The lane of the calendar's day type.
    private var own: Int { 3 }
    private var judgedDay = Int.min
    private var judgedMs: Int64 = 0
    private var wasActive = false
    private var lowDays = 0
    /// Whether the latest quarter told of a second leak on top of the first.
    private(set) var isSecond = false
    /// When the statistic last crossed its clearing threshold upwards.
    private var raisedSinceMs: Int64 = 0

    init(_ shared: SharedParameters, isPressure: Bool) {
        self.shared = shared
        self.isPressure = isPressure
        let parameters = isPressure ? shared.values.nightPressure : shared.values.nightFlow
        window = LeakageWindow(hours: parameters.hours, scale: parameters.demandScale)
        test = SequentialTest(parameters.test)
    }

    private var parameters: NightFlowParameters { isPressure ? shared.values.nightPressure : shared.values.nightFlow }

    /// Folds in a quarter's residuals, expected values and σ: a lane for each day type, and last the one that the
    /// calendar says.
    mutating func append(
        _ residuals: SIMD4<Double>, levels: SIMD4<Double>, sigmas: SIMD4<Double>, atMs: Int64
    ) {
        window.append(residuals, levels: levels, weights: 1 / (sigmas * sigmas), atMs: atMs)
    }

    /// Judges the window. `scale`: mean of the quantity, of which the σ floor is a share.
    ///
    /// - Returns: nil while it is warming up.
    mutating func judge(_ local: LocalTime, atMs: Int64, scale: Double, isActive: Bool, isLearning: Bool) -> Finding? {
        if isActive != wasActive {
            // What had led here is part of the leak, not of the reference; what follows a repair starts afresh.
            quarantine.removeAll()
            if !isActive, !test.isRearmed { test.reset() }
            wasActive = isActive
        }
        // Nearly a whole day, hourly at least.
        guard window.count >= 20, let oldestMs = window.oldestMs, atMs - oldestMs >= 24 * hourMs else {
            judgedMs = atMs
            return nil
        }
        let z = statistic(scale: scale)
        if let z {
            // To clear, the day must look like itself again; another day type may excuse an opening.
            let clearing = test.isOpen ? z.ownValue : z.value
            test.look(clearing, atOnce: parameters.atOnce, days: Double(atMs - judgedMs) / Double(dayMs))
        }
        judgedMs = atMs
        isSecond = false
        if local.day > judgedDay, local.secondOfDay >= 19_800 {
            judgedDay = local.day
            if let z {
                test.append(z.value)
                isSecond = test.isRearmed
                lowDays = z.ownValue < -3.5 ? lowDays + 1 : 0
            }
            if isLearning, !isActive, !isSuspicious { remember(window.fit.leakage[own], day: local.day) }
        }
        guard let z else { return nil }
        return finding(z, atMs: atMs)
    }

    /// Whether days speak for a leak, though not enough yet: what may be one must not be learned.
    var isSuspicious: Bool { test.isOpen || test.sum > parameters.learnsBelow }

    /// Whether the leak has lasted `days` and stopped growing.
    func isSettled(after days: Int) -> Bool { test.isSettled(after: days) }

    /// Whether it has lasted long enough to fill the window, so that its size is known.
    var isEstablished: Bool { test.isEstablished }

    /// Whether the level has been far below the time of week for two days: a repair whose leak had been learned.
    var isRebased: Bool { lowDays >= 2 }

    /// The profile has moved by `shift`.
    mutating func rebase(by shift: Double) {
        window.rebase(by: shift)
        test.reset()
        quarantine.removeAll()
        lowDays = 0
    }

    /// Everything measured is `1 + share` times what it was.
    mutating func rescale(by share: Double) {
        window = LeakageWindow(hours: window.hours, scale: window.scale)
        reference.scale(by: 1 + share)
        test.reset()
        quarantine.removeAll()
        lowDays = 0
    }

    /// The excess that ``rebase(by:)`` should take away.
    var rebasingShift: Double { window.fit.leakage[own] - reference.median }

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
        let count = Double(reference.count)
        // A deviation of few days is uncertain itself: it is pooled with what districts are like, worth ten days.
        let seen = 1.4826 * reference.medianAbsoluteDeviation * (1 + 2 / count)
        let usual = parameters.usualSigma * abs(scale)
        let pooled = ((count * seen * seen + 10 * usual * usual) / (count + 10)).squareRoot()
        let sigma = max(pooled, parameters.sigmaFloor * abs(scale), 1e-9)
        let fit = window.fit
        let means = (fit.leakage - reference.median) * sign
        let zs = means / sigma
        var (value, excess) = (zs[own], means[own])
        // A day may be lived like another: a holiday like a Sunday. Only one that explains the day's shape better counts.
        for lane in 0..<3 where zs[lane] < value && fit.misfit[lane] < fit.misfit[own] {
            (value, excess) = (zs[lane], means[lane])
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

    private mutating func finding(_ z: Statistic, atMs: Int64) -> Finding {
        if !test.isOpen, z.value < test.limits.slack { raisedSinceMs = atMs }
        return Finding(
            condition: test.isOpen ? .abnormal : .normal,
            onsetMs: raisedSinceMs == 0 ? window.oldestMs ?? atMs : raisedSinceMs,
            score: max(0, z.value), observed: parameters.sign * z.excess, expected: 0,
            threshold: parameters.sign * parameters.atOnce * z.sigma, spread: z.sigma,
            // What a pressure has lost says how far away a leak may be, not how large.
            estimate: parameters.sign > 0 ? Interval(worst: z.excess, sigma: z.sigma).notBelowZero() : .unknown)
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&window)
        coder.code(&reference)
        coder.code(&quarantine)
        coder.code(&test)
        coder.code(&judgedDay)
        coder.code(&judgedMs)
        coder.code(&wasActive)
        coder.code(&lowDays)
        coder.code(&isSecond)
        coder.code(&raisedSinceMs)
    }
}

/// When night flow, or pressure, differs.
public struct NightFlowParameters: Sendable, Equatable {
    /// The test on daily values.
    public var test = SequentialTest.Limits()
    /// z at any time of day that opens by itself. By day the window holds one night and not two, so that its spread is
    /// √2 wider than at 05:30: five of those.
    public var atOnce = 7.0
    /// Hours of the window: two nights. And how much demand as a whole swings from one to the next, as a share.
    public var hours = 30, demandScale = 0.015
    /// What σ of the daily values is in most districts, as a share of the mean; least σ likewise.
    public var usualSigma = 0.013, sigmaFloor = 0.01
    /// +1: too high is bad (flow). −1: too low is bad (pressure).
    public var sign = 1.0
    /// The sum of the test above which nothing is learned.
    public var learnsBelow = 2.0
    /// The youngest days, in which a leak may already be growing.
    public var quarantineDays = 5
    /// Days of reference before anything is judged.
    public var referenceDays = 5

    public init() {}

    /// Pressure is steadier than flow, and falls when there is a leak.
    public static let pressure: NightFlowParameters = {
        var parameters = NightFlowParameters()
        parameters.test.limit = 8
        // No share of it: a valve or a tank lifts pressure by the same all day.
        parameters.demandScale = 1e-6
        parameters.atOnce = 6
        parameters.sigmaFloor = 0.008
        parameters.usualSigma = 0.01
        parameters.sign = -1
        return parameters
    }()

    func problems(_ key: String) -> [String] {
        var found: [String] = []
        if !(0.001...0.5).contains(sigmaFloor) {
            found.append("\(key).sigma_floor: must be 0.001–0.5, found \(sigmaFloor)")
        }
        // A whole day at least is judged.
        if !(25...96).contains(hours) { found.append("\(key).hours: must be 25–96, found \(hours)") }
        if demandScale <= 0 { found.append("\(key).demand_scale: must be above 0, found \(demandScale)") }
        if !(test.slack > 0 && test.limit > 0 && test.clears > 0) {
            found.append("\(key): slack, limit and clears must be above 0")
        }
        if atOnce < test.atOnce {
            found.append("\(key).at_once: must not be below opens (\(test.atOnce)), found \(atOnce)")
        }
        if !(1...8).contains(quarantineDays) {
            found.append("\(key).quarantine_days: must be 1–8, found \(quarantineDays)")
        }
        if !(2...28).contains(referenceDays) {
            found.append("\(key).reference_days: must be 2–28, found \(referenceDays)")
        }
        return found
    }
}
