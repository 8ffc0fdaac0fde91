internal import Readings

/// One flow or pressure sensor of a district: the profile that its detectors share.
///
/// - Memory: 9 kB.
struct FlowMonitor: Sendable, Equatable, StateCodable {
    private var slots = SlotMean(lengthMs: 15 * minuteMs)
    private var filter = MedianOfThree()
    private var profile = TimeOfWeekProfile()
    private var habits = WeekdayHabits()
    /// The mean of the quantity, over about a week.
    private var mean = ExponentialAverage(rate: 1.0 / 672)
    private var grain = Grain()
    private var night: NightFlowDetector
    /// None for pressure, which has no bursts of its own: a leak that opens at once shows in the flow.
    private var burst: [BurstDetector]
    /// Whether a day is another by what has been added or by a share, for flow.
    private var dayFit = DayFit()
    private let adoptsAfterMs: Int64

    /// What adopted leaks have added to the profile, and their repair may take back.
    private var adopted = 0.0
    /// When flow last fell for good by more than that, and when it first did; `min` if it has not lately.
    private var fellMs = Int64.min, fellSinceMs = Int64.min
    /// The fall as a whole, below 0.
    private var fall = 0.0

    private(set) var nightFinding: Finding?
    /// What the quarter in hand tells the zone; nil once it is taken.
    private var evidence: ZoneEvidence?
    private(set) var burstFinding: Finding?

    init(_ shared: SharedParameters, isPressure: Bool = false) {
        night = NightFlowDetector(shared, isPressure: isPressure)
        burst = isPressure ? [] : [BurstDetector(parameters: shared.values.burst)]
        adoptsAfterMs = shared.values.adoptsAfterMs
    }

    /// Folds in a reading.
    ///
    /// - Parameter isAccepted: Whether what is active is usual from now on, as a person says.
    /// - Returns: Whether a quarter was completed, and so the findings are new.
    mutating func observe(
        _ value: Double, atMs: Int64, zone: ZoneTable, isActive: Bool, isAccepted: Bool = false, isLearning: Bool
    ) -> Bool {
        grain.append(value)
        let done = slots.append(value, atMs: atMs)
        if done.earlier != nil || done.own != nil {
            if fellMs != .min, atMs - fellMs >= Self.fallLastsMs { (fellMs, fellSinceMs) = (.min, .min) }
            adopt(atMs: atMs, isActive: isActive, isAccepted: isAccepted, isLearning: isLearning)
        }
        if let slot = done.earlier { fold(slot, zone: zone, isActive: isActive, isLearning: isLearning) }
        if let slot = done.own { fold(slot, zone: zone, isActive: isActive, isLearning: isLearning) }
        return done.earlier != nil || done.own != nil
    }

    /// What the last quarter tells the zone; its quantity is the caller's to say.
    mutating func takeEvidence() -> ZoneEvidence? {
        defer { evidence = nil }
        return evidence
    }

    private mutating func fold(_ slot: SlotMean.Slot, zone: ZoneTable, isActive: Bool, isLearning: Bool) {
        let value = filter.append(slot.mean)
        let local = LocalTime(atMs: slot.atMs, in: zone)
        if let expected = expectations(local) { judge(value, expected, local, slot.atMs, isActive, isLearning) }
        guard isLearning, !isActive, !night.isSuspicious else { return }
        let usual = profile.expected(local.dayType, quarter: local.quarter)
        profile.learn(value - habits.correction(local), local.dayType, quarter: local.quarter)
        if let usual { habits.learn(value - usual.level, local) }
        mean.append(value)
    }

    private mutating func judge(
        _ value: Double, _ expected: Expectations, _ local: LocalTime, _ atMs: Int64, _ isActive: Bool,
        _ isLearning: Bool
    ) {
        let residuals = value - expected.levels
        let sigmas = expected.sigmas
        // An hour at a hydrant is no leak, however much it draws: no quarter weighs more than ten σ.
        let bounded = residuals.clamped(lowerBound: -10 * sigmas, upperBound: 10 * sigmas)
        evidence = ZoneEvidence(
            quantity: .flow, atMs: atMs, value: value, residual: residuals[3], scale: mean.level, isLeak: false,
            isQuiet: isLearning && !isActive)
        night.append(bounded, levels: expected.levels, sigmas: sigmas, atMs: atMs)
        nightFinding = night.judge(local, atMs: atMs, scale: mean.level, isActive: isActive, isLearning: isLearning)
        if nightFinding != nil {
            // In the quantity's unit: the mean of recent days, and what came on top.
            nightFinding?.expected = mean.level
            nightFinding?.observed += mean.level
            nightFinding?.threshold += mean.level
            nightFinding?.estimate.scale(by: Self.litres)
        }
        defer {
            evidence?.isLeak = isActive || Self.isOdd(nightFinding) || Self.isOdd(burstFinding)
        }
        guard !burst.isEmpty else { return }
        dayFit.append(residuals[3], expected: expected.levels[3], sigma: sigmas[3], atMs: atMs)
        let zs = residuals / sigmas
        burst[0].append(
            residual: min(residuals[0], residuals[1], residuals[2]), own: residuals[3],
            deviation: min(zs[0], zs[1], zs[2]), expected: expected.levels[3], atMs: atMs)
        // As young as the night's reference: before that the profile is no measure.
        burstFinding = nightFinding == nil ? nil : burst[0].judge(atMs: atMs, scale: mean.level)
        burstFinding?.estimate.scale(by: Self.litres)
        tellSecondLeak()
    }

    /// Litres in a cubic metre: flows are in m³/h, losses in L/h.
    private static let litres = 1000.0

    private static func isOdd(_ finding: Finding?) -> Bool {
        finding.map { $0.condition.rawValue >= Verdict.Condition.abnormal.rawValue } ?? false
    }

    /// A second leak on top of a known one ends the first one's incident; with the next quarter it has its own.
    private mutating func tellSecondLeak() {
        guard night.isSecond else { return }
        nightFinding?.condition = .normal
        burstFinding?.condition = .normal
    }

    /// A shift that has lasted is the new normal: a repair that nobody made, a new customer. Where every hour has changed by
    /// the same share it is another meter, and so is the profile.
    ///
    /// Only of flow: a pressure's level is judged beside its neighbours', and a step in one of them would tear them apart.
    private mutating func adopt(atMs: Int64, isActive: Bool, isAccepted: Bool, isLearning: Bool) {
        guard !burst.isEmpty else { return }
        if !isActive, isLearning, night.isRebased {
            noteFall(night.rebasingShift, atMs: atMs)
            rebase()
        }
        // A person's word spares the wait, but not the days by which its size is known.
        let isKnown = isAccepted && night.isEstablished || night.isSettled(after: Int(adoptsAfterMs / dayMs))
        if isActive, isKnown { rebase() }
    }

    /// Water that is no longer drawn has a reason: a leak that was taken for usual has been mended. Without one it is the meter
    /// that tells less than passes.
    private mutating func noteFall(_ shift: Double, atMs: Int64) {
        guard -shift > adopted + Self.unexplainedShare * abs(mean.level) else { return }
        if fellMs == .min { (fellSinceMs, fall) = (atMs - 2 * dayMs, 0) }
        (fellMs, fall) = (atMs, fall + shift)
    }

    /// What demand and a leak's size are not known better than, as a share of the mean flow.
    private static let unexplainedShare = 0.03
    /// For so long after a fall one waits for the next: the days that a new reference takes, and two that are judged.
    private static let fallLastsMs = 8 * dayMs

    /// Whether the meter tells less than passes.
    func driftFinding(_ value: Double, atMs: Int64) -> Finding {
        guard fellMs != .min, atMs - fellMs < Self.fallLastsMs else { return .normal(value, atMs: atMs) }
        return Finding(
            condition: .abnormal, onsetMs: fellSinceMs, score: -fall, observed: mean.level,
            expected: mean.level - fall, threshold: mean.level - fall - Self.unexplainedShare * abs(mean.level))
    }

    private mutating func rebase() {
        if let change = dayFit.change { return rescale(change) }
        let shift = night.rebasingShift
        adopted = max(0, adopted + shift)
        profile.add(shift)
        mean.add(shift)
        burst[0].rebase(by: shift)
        night.rebase(by: shift)
    }

    private mutating func rescale(_ change: DayFit.Change) {
        adopted *= 1 + change.share
        profile.apply(change)
        // The days before the change was told have been taken for habits: they are learned anew.
        habits = WeekdayHabits()
        mean.apply(change)
        burst[0].removeAll()
        night.rescale(by: change.share)
        dayFit.removeAll()
    }

    func baseline(fromMs: Int64, toMs: Int64, zone: ZoneTable) -> Baseline? {
        Baseline.slots(15 * minuteMs, fromMs: fromMs, toMs: toMs) { atMs in
            guard let expected = expectations(LocalTime(atMs: atMs, in: zone)) else { return nil }
            let (level, reach) = (expected.levels[3], Interval.sigmas * expected.sigmas[3])
            return (level, level - reach, level + reach)
        }
    }

    private struct Expectations {
        var levels: SIMD4<Double>
        var sigmas: SIMD4<Double>
    }

    private func expectations(_ local: LocalTime) -> Expectations? {
        guard let own = profile.expected(local.dayType, quarter: local.quarter) else { return nil }
        let habit = habits.correction(local)
        var result = Expectations(
            levels: SIMD4(repeating: own.level + habit), sigmas: SIMD4(repeating: 0))
        // What whole cubic metres hide at night, a busy hour may show.
        let floor = max(0.01 * abs(mean.level), grain.deviation, 1e-6)
        for type in DayType.allCases {
            let usual = profile.expected(type, quarter: local.quarter) ?? own
            result.levels[type.rawValue] = usual.level + (type == .workday ? habit : 0)
            result.sigmas[type.rawValue] = max(1.2533 * usual.deviation, floor)
        }
        result.sigmas[3] = max(1.2533 * own.deviation, floor)
        return result
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&slots)
        coder.code(&filter)
        coder.code(&profile)
        coder.code(&habits)
        coder.code(&mean)
        coder.code(&grain)
        coder.code(&night)
        if !burst.isEmpty {
            burst[0].code(&coder)
            dayFit.code(&coder)
        }
        coder.code(&adopted)
        coder.code(&fellMs)
        coder.code(&fellSinceMs)
        coder.code(&fall)
        coder.code(&nightFinding)
        coder.code(&burstFinding)
    }
}
