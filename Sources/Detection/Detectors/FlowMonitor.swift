internal import Readings

/// One flow or pressure sensor of a district: the profile that its detectors share.
///
/// - Memory: 10 kB.
struct FlowMonitor: Sendable, Equatable, StateCodable {
    private var slots = SlotMean(lengthMs: 15 * minuteMs)
    private var filter = MedianOfThree()
    private var profile = TimeOfWeekProfile()
    /// The mean of the quantity, over about a week.
    private var mean = ExponentialAverage(rate: 1.0 / 672)
    private var night: NightFlowDetector
    private var burst: BurstDetector
    private let findsBursts: Bool
    private let adoptsAfterMs: Int64
    /// Since when a rule has been active without a break; 0 while none is.
    private var activeSinceMs: Int64 = 0

    private(set) var nightFinding: Finding?
    private(set) var burstFinding: Finding?

    init(night: NightFlowParameters, burst: BurstParameters?, adoptsAfterMs: Int64) {
        self.night = NightFlowDetector(parameters: night)
        self.burst = BurstDetector(parameters: burst ?? BurstParameters())
        findsBursts = burst != nil
        self.adoptsAfterMs = adoptsAfterMs
    }

    /// Folds in a reading.
    ///
    /// - Returns: Whether a quarter was completed, and so the findings are new.
    mutating func observe(_ value: Double, atMs: Int64, zone: ZoneTable, isActive: Bool, isLearning: Bool) -> Bool {
        let done = slots.append(value, atMs: atMs)
        if let slot = done.earlier { fold(slot, zone: zone, isActive: isActive, isLearning: isLearning) }
        if let slot = done.own { fold(slot, zone: zone, isActive: isActive, isLearning: isLearning) }
        return done.earlier != nil || done.own != nil
    }

    private mutating func fold(_ slot: SlotMean.Slot, zone: ZoneTable, isActive: Bool, isLearning: Bool) {
        let value = filter.append(slot.mean)
        let local = LocalTime(atMs: slot.atMs, in: zone)
        adopt(isActive: isActive, atMs: slot.atMs)
        if let expected = expectations(local) { judge(value, expected, local, slot.atMs, isActive, isLearning) }
        guard isLearning, !isActive else { return }
        profile.learn(value, local.dayType, quarter: local.quarter)
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
        night.append(bounded, sigmas: sigmas, atMs: atMs)
        nightFinding = night.judge(local, atMs: atMs, scale: mean.level, isActive: isActive, isLearning: isLearning)
        if nightFinding != nil {
            // In the quantity's unit: the mean of recent days, and what came on top.
            nightFinding?.expected = mean.level
            nightFinding?.observed += mean.level
            nightFinding?.threshold += mean.level
        }
        guard findsBursts else { return }
        let zs = residuals / sigmas
        burst.append(
            residual: min(residuals[0], residuals[1], residuals[2]), own: residuals[3],
            deviation: min(zs[0], zs[1], zs[2]), expected: expected.levels[3], atMs: atMs)
        // As young as the night's reference: before that the profile is no measure.
        burstFinding = nightFinding == nil ? nil : burst.judge(atMs: atMs, scale: mean.level)
    }

    /// A shift that has lasted is the new normal: a repair that nobody made, a new customer.
    private mutating func adopt(isActive: Bool, atMs: Int64) {
        if !isActive {
            activeSinceMs = 0
            if night.isRebased { rebase() }
            return
        }
        if activeSinceMs == 0 { activeSinceMs = atMs }
        if atMs - activeSinceMs >= adoptsAfterMs {
            rebase()
            // What ten σ hid of a large shift is learned day by day.
            activeSinceMs = atMs - adoptsAfterMs + dayMs
        }
    }

    private mutating func rebase() {
        let shift = night.rebasingShift
        profile.add(shift)
        mean.add(shift)
        burst.rebase(by: shift)
        night.rebase(by: shift)
    }

    private struct Expectations {
        var levels: SIMD4<Double>
        var sigmas: SIMD4<Double>
    }

    private func expectations(_ local: LocalTime) -> Expectations? {
        guard let own = profile.expected(local.dayType, quarter: local.quarter) else { return nil }
        var result = Expectations(
            levels: SIMD4(repeating: own.level), sigmas: SIMD4(repeating: 0))
        let floor = max(0.01 * abs(mean.level), 1e-6)
        for type in DayType.allCases {
            let usual = profile.expected(type, quarter: local.quarter) ?? own
            result.levels[type.rawValue] = usual.level
            result.sigmas[type.rawValue] = max(1.2533 * usual.deviation, floor)
        }
        result.sigmas[3] = max(1.2533 * own.deviation, floor)
        return result
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&slots)
        coder.code(&filter)
        coder.code(&profile)
        coder.code(&mean)
        coder.code(&night)
        coder.code(&burst)
        coder.code(&activeSinceMs)
        coder.code(&nightFinding)
        coder.code(&burstFinding)
    }
}

extension DetectionParameters {
    var freshFlowMonitor: FlowMonitor { FlowMonitor(night: nightFlow, burst: burst, adoptsAfterMs: adoptsAfterMs) }

    /// Pressure has no bursts of its own: a leak that opens at once shows in the flow.
    var freshPressureMonitor: FlowMonitor {
        FlowMonitor(night: nightPressure, burst: nil, adoptsAfterMs: adoptsAfterMs)
    }
}
