internal import Readings

/// Tells an incident from the daily rush: speed far below, and occupancy far above, what the last ten days of this time
/// of week have seen, while less passes than the road can carry.
///
/// For each quarter of an hour it keeps the medians of the last ten workdays, or five weekends (``SlotMemory``), and compares
/// with those of the quarters around (±3), up to seventy values. Where the flow is known, ``Throughput`` says why it queues: a rush that is early, late or worse
/// than usual, or lengthened by rain, still carries what the road can; behind a blockage the flow breaks down. Where no
/// flow is known, speed must also lie below all but the worst of the days before, and without occupancy further still.
///
/// A corridor needs no more than that: each station judges its own throughput, and stations of one queue share a
/// request.
///
/// - Complexity: O(1) a sample, O(70 + 254) once a quarter of an hour. Memory: 7.5 kB.
/// - Source: comparison with history by time of week: Dudek, Messer & Nuckles, TRR 495 (1974), with quantiles for the
///   standard normal deviate; speed and occupancy together: Payne & Tignor, TRR 682 (1978); FHWA Traffic Detector
///   Handbook (2006).
struct CongestionDetector: Sendable, Equatable, StateCodable {
    private let parameters: CongestionParameters
    /// In steps of 0.75 km/h and 0.4 %: detectors err by more.
    private var speeds = SlotMemory(step: 0.75)
    private var occupancies = SlotMemory(step: 0.4)
    /// By quarter, a bit each: whether the latest day's was not learned, because of an incident.
    private var leftOut = Array(repeating: UInt8(0), count: 3 * 96 / 8)
    /// This quarter's samples.
    private var quarterSpeeds = SortedWindow(capacity: 15)
    private var quarterOccupancies = SortedWindow(capacity: 15)
    private var quarter = -1
    private var quarterDay = Int.min
    private var mayLearnQuarter = true
    private var usual: Usual?
    private var slowSinceMs: Int64 = 0
    private var throughput: Throughput

    init(parameters: CongestionParameters) {
        self.parameters = parameters
        throughput = Throughput(parameters: parameters)
    }

    /// What this quarter has been like.
    private struct Usual: Sendable, Equatable, BitwiseCopyable, StateCodable {
        var speedMedian = 0.0, speedLow = 0.0
        var occupancyMedian = 0.0, occupancyHigh = 0.0
        var hasOccupancy = false

        mutating func code(_ coder: inout StateCoder) {
            coder.code(&speedMedian)
            coder.code(&speedLow)
            coder.code(&occupancyMedian)
            coder.code(&occupancyHigh)
            coder.code(&hasOccupancy)
        }
    }

    /// Folds in a sample: speed in km/h, occupancy in percent, flow in veh/h.
    ///
    /// - Returns: nil while too little is known of this time of week.
    mutating func observe(
        speed: Double, occupancy: Double?, flow: Double?, atMs: Int64, local: LocalTime, isActive: Bool
    ) -> Finding? {
        if local.quarter != quarter || local.day != quarterDay { beginQuarter(local) }
        throughput.observe(flow, atMs: atMs, local: local, isActive: isActive)
        var finding = usual.map { judge(speed, occupancy, $0, atMs: atMs) }
        if let flow, let usual { finding?.estimate = delay(speed, flow, usual: usual.speedMedian) }
        if isActive { mayLearnQuarter = false }
        quarterSpeeds.append(speed)
        if let occupancy { quarterOccupancies.append(occupancy) }
        return finding
    }

    private mutating func judge(_ speed: Double, _ occupancy: Double?, _ usual: Usual, atMs: Int64) -> Finding {
        let p = parameters
        let isBelow = speed < p.slow * usual.speedMedian
        let isRare = speed < usual.speedLow - p.slackKMH
        let isDense = isDense(occupancy, usual)
        let low = p.slow * usual.speedMedian
        let rare = min(low, usual.speedLow - p.slackKMH)
        let cause = throughput.cause(nowMs: atMs)
        var isSlow = false
        switch cause {
        case .unknown: isSlow = isBelow && isRare && (isDense ?? (speed < p.slowAlone * usual.speedMedian))
        case .blocked: isSlow = isBelow && isDense != false
        case .surge: isSlow = isBelow
        case .demand: break
        }
        let isStanding = isSlow && cause != .surge && speed < p.standing * usual.speedLow
        let isFree = speed > p.free * usual.speedMedian || speed > usual.speedLow
        if !isSlow && isFree || slowSinceMs == 0 { slowSinceMs = atMs }
        return Finding(
            condition: isStanding ? .critical : isSlow ? .abnormal : isFree ? .normal : .between,
            onsetMs: slowSinceMs, score: max(0, 1 - speed / max(usual.speedMedian, 1)), observed: speed,
            expected: usual.speedMedian,
            // Where the flow says why it queues, it need not be rare as well.
            threshold: cause == .blocked || cause == .surge
                ? low : isDense == nil ? min(rare, p.slowAlone * usual.speedMedian) : rare,
            // The 5 % quantile of a normal distribution lies 1.645 σ below its middle.
            spread: max(0, usual.speedMedian - usual.speedLow) / 1.645)
    }

    /// Vehicle-hours lost in an hour: so many vehicles an hour, each late by what the stretch takes longer than usual.
    ///
    /// How much road a detector speaks for, nobody has told it: ``CongestionParameters/stretchKM``, half to half as much
    /// again. A crawl below walking pace is counted as walking pace, for the queue is then longer, not slower.
    private func delay(_ speed: Double, _ flow: Double, usual: Double) -> Interval {
        let hoursPerKM = 1 / max(speed, Self.walkingKMH) - 1 / max(usual, Self.walkingKMH)
        guard hoursPerKM > 0, flow > 0 else { return .unknown }
        let lost = flow * hoursPerKM * parameters.stretchKM
        return Interval(value: lost, low: 0.5 * lost, high: 1.5 * lost)
    }

    private static let walkingKMH = 5.0

    /// Whether vehicles stand closer than usual; nil where there is no occupancy.
    private func isDense(_ occupancy: Double?, _ usual: Usual) -> Bool? {
        guard let occupancy, usual.hasOccupancy else { return nil }
        return occupancy > 1.25 * usual.occupancyMedian + 1 && occupancy > usual.occupancyHigh
    }

    // MARK: Memory of the time of week

    private mutating func beginQuarter(_ local: LocalTime) {
        if quarter >= 0, quarterSpeeds.count > 0 { learnQuarter() }
        quarterSpeeds.removeAll()
        quarterOccupancies.removeAll()
        (quarter, quarterDay, mayLearnQuarter) = (local.quarter, local.day, true)
        recall(local.dayType)
    }

    private mutating func learnQuarter() {
        let dayType = LocalTime(day: quarterDay, secondOfDay: 0).dayType
        let at = dayType.rawValue * 96 + quarter
        // An incident is not learned; but what comes at the same time twice in a row is a rush.
        let (byte, bit) = (at / 8, UInt8(1) << UInt8(at % 8))
        let isLeftOut = !mayLearnQuarter && leftOut[byte] & bit == 0
        leftOut[byte] = isLeftOut ? leftOut[byte] | bit : leftOut[byte] & ~bit
        guard !isLeftOut else { return }
        speeds.remember(quarterSpeeds.median, dayType, quarter: quarter)
        let occupancy = quarterOccupancies.count > 0 ? quarterOccupancies.median : nil
        occupancies.remember(occupancy, dayType, quarter: quarter)
    }

    /// Quarters on either side that count with one.
    private static let reach = 3

    private mutating func recall(_ dayType: DayType) {
        usual = nil
        let speed = speeds.sketch(dayType, quarter: quarter, reach: Self.reach)
        guard speed.count >= parameters.leastMemories else { return }
        var found = Usual(speedMedian: speed.median, speedLow: speed.quantile(0.05))
        let occupancy = occupancies.sketch(dayType, quarter: quarter, reach: Self.reach)
        if occupancy.count >= parameters.leastMemories {
            found.occupancyMedian = occupancy.median
            found.occupancyHigh = occupancy.quantile(0.9)
            found.hasOccupancy = true
        }
        usual = found
    }

    func baseline(fromMs: Int64, toMs: Int64, zone: ZoneTable) -> Baseline? {
        Baseline.slots(15 * minuteMs, fromMs: fromMs, toMs: toMs) { atMs in
            let local = LocalTime(atMs: atMs, in: zone)
            let speed = speeds.sketch(local.dayType, quarter: local.quarter, reach: Self.reach)
            guard speed.count >= parameters.leastMemories else { return nil }
            return (speed.median, speed.quantile(0.05), speed.quantile(0.95))
        }
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&speeds)
        coder.code(&occupancies)
        coder.code(&leftOut)
        coder.code(&quarterSpeeds)
        coder.code(&quarterOccupancies)
        coder.code(&quarter, in: -1...95)
        coder.code(&quarterDay)
        coder.code(&mayLearnQuarter)
        coder.code(&usual, fresh: Usual())
        coder.code(&slowSinceMs)
        coder.code(&throughput)
    }
}

/// When traffic is not the daily rush.
public struct CongestionParameters: Sendable, Equatable {
    /// Speed below this share of the usual median is slow.
    public var slow = 0.75
    /// The same, where there is no occupancy to confirm it.
    public var slowAlone = 0.65
    /// And it must be this much below the usual 5 % quantile, km/h: detectors err by 2–3.
    public var slackKMH = 4.0
    /// Below this share of the 5 % quantile traffic stands: no waiting.
    public var standing = 0.5
    /// A queue that lets less than this share of the capacity through, over 15 minutes, stands behind a blockage: a
    /// working bottleneck discharges 90 %, in heavy rain 77 %; a road with one lane closed of four 58 %.
    public var blocked = 0.70
    /// The same, where one sample is enough.
    public var blockedAtOnce = 0.65
    /// A queue that carries this many times the usual flow of the hour is a surge.
    public var surge = 2.0
    /// So long after an incident a queue is its aftermath and no surge, ms.
    public var aftermathMs: Int64 = 4 * 3_600_000
    /// Above this share of the median it flows again.
    public var free = 0.88
    /// The road that one detector speaks for, km, in what delay is estimated to cost: half-way to the next on either
    /// side, where they stand 0.5 to 1 km apart as they do in cities.
    public var stretchKM = 0.7
    /// Remembered medians before anything is judged: one day's seven quarters.
    public var leastMemories = 7

    public init() {}

    func problems(_ key: String) -> [String] {
        var found: [String] = []
        if !(0 < slowAlone && slowAlone <= slow && slow < free && free < 1) {
            found.append(
                "\(key): must have 0 < slow_alone ≤ slow < free < 1, found \(slowAlone), \(slow), \(free)")
        }
        if !(0..<1).contains(standing) { found.append("\(key).standing: must be 0 to below 1, found \(standing)") }
        if !(0 < blockedAtOnce && blockedAtOnce <= blocked && blocked < 1) {
            found.append(
                "\(key): must have 0 < blocked_at_once ≤ blocked < 1, found \(blockedAtOnce) and \(blocked)")
        }
        if surge <= 1 { found.append("\(key).surge: must be above 1, found \(surge)") }
        if aftermathMs < 0 { found.append("\(key).aftermath: must be 0 or more, found \(aftermathMs) ms") }
        if stretchKM <= 0 { found.append("\(key).stretch_km: must be above 0, found \(stretchKM)") }
        if slackKMH < 0 { found.append("\(key).slack_kmh: must be 0 or more, found \(slackKMH)") }
        if !(1...70).contains(leastMemories) {
            found.append("\(key).least_memories: must be 1–70, found \(leastMemories)")
        }
        return found
    }
}
