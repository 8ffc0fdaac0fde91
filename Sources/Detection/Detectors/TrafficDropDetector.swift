internal import Readings

/// Finds a road with far fewer vehicles than at this time of the week, where only counts are known.
///
/// Fifteen minutes of counts, or one interval where that is longer, against the time-of-week profile `b`. What is left of
/// `n` five-minute counts with mean `x` has the variance
///
/// ```
/// x / n  +  d² / n  +  (b / 10)²     a count's own; what the profile has seen (d: deviation); no two days are alike
/// ```
/// A holiday is a day like a Sunday, and no incident: while the last two hours fit another day type's profile better than the
/// calendar's, and that profile does not find this too low, nothing opens. A road that is blocked falls within minutes, and
/// the hours before it speak for the calendar.
///
/// - Complexity: O(1) a sample. Memory: 3 kB.
/// - Source: Poisson variance of counts: Gerlough & Huber, Traffic Flow Theory, TRB SR 165 (1975); day types found by the
///   profile that fits: Weijermars & van Berkum, Proc. IEEE ITSC (2005).
struct TrafficDropDetector: Sendable, Equatable, StateCodable {
    private let parameters: TrafficDropParameters
    /// How far two days lie apart, as a share of the expected.
    private static let dayShare = 0.10
    private var slots = SlotMean(lengthMs: 5 * minuteMs)
    private var profile = TimeOfWeekProfile()
    private var recent = TrailingMoments(spanMs: 15 * minuteMs, capacity: 4)
    /// What was expected of each of ``recent``, and how far days lie apart.
    private var expectedRecent = TrailingMoments(spanMs: 15 * minuteMs, capacity: 4)
    private var deviationRecent = TrailingMoments(spanMs: 15 * minuteMs, capacity: 4)
    /// When the latest counts ended, and how long the ones before took.
    private var lastMs = Int64.min, previousGapMs: Int64 = 0
    /// How ill each day type explains the last two hours: an exponential mean of squared deviations.
    private var misfits = SIMD4<Double>()
    private var firstDay = Int.min
    private var lowSinceMs: Int64 = 0

    init(parameters: TrafficDropParameters) { self.parameters = parameters }

    /// Folds in a flow, veh/h.
    ///
    /// - Returns: What the latest five minutes say; nil when none were completed, or too little is known.
    mutating func observe(
        _ vehiclesPerHour: Double, atMs: Int64, zone: ZoneTable, isActive: Bool, isLearning: Bool
    ) -> Finding? {
        let done = slots.append(vehiclesPerHour, atMs: atMs)
        guard let slot = done.own ?? done.earlier else { return nil }
        let local = LocalTime(atMs: slot.atMs, in: zone)
        if firstDay == .min { firstDay = local.day }
        let count = slot.mean / 12  // vehicles in five minutes
        let intervalMs = interval(toMs: slot.atMs)
        let usual = profile.expected(local.dayType, quarter: local.quarter)
        recent.append(count, atMs: slot.atMs)
        expectedRecent.append(usual?.level ?? count, atMs: slot.atMs)
        deviationRecent.append(usual?.deviation ?? 0, atMs: slot.atMs)
        compare(count, local, intervalMs: intervalMs)
        let finding =
            local.day - firstDay >= parameters.warmUpDays && profile.count(local.dayType, quarter: local.quarter) >= 3
            ? judge(local, intervalMs: intervalMs, atMs: slot.atMs) : nil
        if isLearning, !isActive { profile.learn(count, local.dayType, quarter: local.quarter) }
        return finding
    }

    func baseline(fromMs: Int64, toMs: Int64, zone: ZoneTable) -> Baseline? {
        Baseline.slots(15 * minuteMs, fromMs: fromMs, toMs: toMs) { atMs in
            let local = LocalTime(atMs: atMs, in: zone)
            guard let usual = profile.expected(local.dayType, quarter: local.quarter) else { return nil }
            let deviation = max(usual.deviation, Self.dayShare * usual.level, max(usual.level, 1).squareRoot())
            let reach = Interval.sigmas * deviation
            return (12 * usual.level, 12 * max(0, usual.level - reach), 12 * (usual.level + reach))
        }
    }

    /// How long the latest counts took: five minutes to an hour. Of two in a row the shorter one, for a gap is no interval.
    private mutating func interval(toMs: Int64) -> Int64 {
        let gapMs = lastMs == .min ? slots.lengthMs : max(toMs - lastMs, slots.lengthMs)
        defer { (lastMs, previousGapMs) = (toMs, gapMs) }
        return min(gapMs, previousGapMs == 0 ? gapMs : previousGapMs, hourMs)
    }

    /// Follows how well each day type explains what comes.
    private mutating func compare(_ count: Double, _ local: LocalTime, intervalMs: Int64) {
        let rate = min(1, Double(intervalMs) / Double(2 * hourMs))
        for type in DayType.allCases {
            guard let usual = profile.expected(type, quarter: local.quarter) else { continue }
            let (distance, share) = (count - usual.level, Self.dayShare * usual.level)
            let variance = max(usual.level, 1) + usual.deviation * usual.deviation + share * share
            // Five σ are as far off as any: one sample decides nothing.
            misfits[type.rawValue] += rate * (min(distance * distance / variance, 25) - misfits[type.rawValue])
        }
    }

    /// Whether people live another day than the calendar's, one on which so few vehicles are usual.
    private func isLikeAnotherDay(_ local: LocalTime, worth: Double) -> Bool {
        DayType.allCases.contains { type in
            guard type != local.dayType, profile.count(type, quarter: local.quarter) >= 2,
                let usual = profile.expected(type, quarter: local.quarter)
            else { return false }
            return misfits[type.rawValue] < misfits[local.dayType.rawValue]
                && !lack(of: usual.level, deviation: usual.deviation, worth: worth).isFew
        }
    }

    /// How far the window lies below what is expected, in σ, and whether that is too far.
    private func lack(
        of expected: Double, deviation: Double, worth: Double
    ) -> (z: Double, sigma: Double, isFew: Bool) {
        let (mean, share) = (recent.mean, Self.dayShare * expected)
        let own = max(mean, 1) / worth + deviation * deviation / Double(recent.count)
        let sigma = (own + share * share).squareRoot()
        let z = (expected - mean) / sigma
        return (z, sigma, z >= parameters.opens && mean < parameters.low * expected)
    }

    private mutating func judge(_ local: LocalTime, intervalMs: Int64, atMs: Int64) -> Finding? {
        // Five-minute counts that the window is worth.
        let worth = Double(recent.count) * Double(intervalMs) / Double(slots.lengthMs)
        guard worth >= 3 else { return nil }
        let expected = expectedRecent.mean
        let mean = recent.mean
        let (z, sigma, isFew) = lack(of: expected, deviation: deviationRecent.mean, worth: worth)
        let isBusy = expected * worth >= 3 * parameters.leastCount
        let isLow = isFew && isBusy && !isLikeAnotherDay(local, worth: worth)
        let isBack = mean > parameters.back * expected || !isBusy
        if isBack || lowSinceMs == 0 { lowSinceMs = atMs }
        return Finding(
            condition: isLow ? .abnormal : isBack ? .normal : .between,
            onsetMs: lowSinceMs, score: max(0, z), observed: mean * 12, expected: expected * 12,
            threshold: 12 * min(parameters.low * expected, expected - parameters.opens * sigma), spread: 12 * sigma)
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&slots)
        coder.code(&profile)
        coder.code(&recent)
        coder.code(&expectedRecent)
        coder.code(&deviationRecent)
        coder.code(&lastMs)
        coder.code(&previousGapMs)
        coder.code(&misfits)
        coder.code(&firstDay)
        coder.code(&lowSinceMs)
    }
}

/// When there are far fewer vehicles.
public struct TrafficDropParameters: Sendable, Equatable {
    /// z that opens. Half of the vehicles gone on a road of 700 veh/h is 3.9.
    public var opens = 3.5
    /// Shares of the expected count, below which it opens and above which it clears.
    public var low = 0.72, back = 0.86
    /// Vehicles in five minutes that must be expected, where three such counts are judged: fewer prove nothing.
    public var leastCount = 6.0
    /// Days before anything is judged.
    public var warmUpDays = 7

    public init() {}

    func problems(_ key: String) -> [String] {
        var found: [String] = []
        if opens <= 0 { found.append("\(key).opens: must be above 0, found \(opens)") }
        if !(0 < low && low < back && back < 1) {
            found.append("\(key): must have 0 < low < back < 1, found \(low) and \(back)")
        }
        if warmUpDays < 1 { found.append("\(key).warm_up_days: must be 1 or more, found \(warmUpDays)") }
        return found
    }
}
