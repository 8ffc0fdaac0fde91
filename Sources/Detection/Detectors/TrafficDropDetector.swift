internal import Readings

/// Finds a road with far fewer vehicles than at this time of the week, where only counts are known.
///
/// Fifteen minutes of counts against the time-of-week profile. The variance is that of a count, plus a tenth of the
/// expected (no two days are alike), plus what the profile has seen.
///
/// - Complexity: O(1) a sample. Memory: 3 kB.
/// - Source: Poisson variance of counts: Gerlough & Huber, Traffic Flow Theory, TRB SR 165 (1975).
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
        let usual = profile.expected(local.dayType, quarter: local.quarter)
        recent.append(count, atMs: slot.atMs)
        expectedRecent.append(usual?.level ?? count, atMs: slot.atMs)
        deviationRecent.append(usual?.deviation ?? 0, atMs: slot.atMs)
        let finding =
            local.day - firstDay >= parameters.warmUpDays && profile.count(local.dayType, quarter: local.quarter) >= 3
            ? judge(atMs: slot.atMs) : nil
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

    private mutating func judge(atMs: Int64) -> Finding? {
        guard recent.count == 3 else { return nil }
        let expected = expectedRecent.mean
        let deviation = deviationRecent.mean
        let mean = recent.mean
        let share = Self.dayShare * expected
        let sigma = ((max(mean, 1) + deviation * deviation) / 3 + share * share).squareRoot()
        let z = (expected - mean) / sigma
        let isLow = z >= parameters.opens && mean < parameters.low * expected && expected >= parameters.leastCount
        let isBack = mean > parameters.back * expected || expected < parameters.leastCount
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
    /// Vehicles in five minutes that must be expected: fewer prove nothing.
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
