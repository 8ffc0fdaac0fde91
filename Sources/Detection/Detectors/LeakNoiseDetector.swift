internal import Readings

/// Finds leaks by ear: the quietest part of the night is louder than it was.
///
/// A leak hisses without a pause; taps, cars and pumps leave gaps. So each night's 5 % quantile between midnight and
/// five, local, is judged against the median and MAD of the last 21 nights. One night that is far louder opens; so do
/// two in a row that are clearly louder. Wind and rain are heard by all loggers of a zone: a night in which the others
/// have risen too is not judged and not learned, and one in which they are heard and quiet needs less to open.
///
/// Many loggers listen all night and send one figure of it, its quietest, at whatever hour. Whoever has sent fewer than four
/// a day for three days is one of them: then each figure is of the night, and the night is judged when as many have come as
/// usual. Nine nights after its first word it hears leaks.
///
/// - Complexity: O(20) a reading at night, O(21) a night. Memory: 1 kB.
/// - Source: minimum-level correlation of noise loggers: Hunaidi & Chu, Applied Acoustics 58 (1999); Hamilton &
///   Charalambous, Leak Detection: Technology and Implementation (IWA, 2013).
struct LeakNoiseDetector: Sendable, Equatable, StateCodable {
    private let parameters: LeakNoiseParameters
    private var slots = SlotMean(lengthMs: 15 * minuteMs)
    private var figures = Figures()
    private var night = SortedWindow(capacity: 20)
    private var nightDay = Int.min
    private var nightStartMs: Int64 = 0
    private var reference = SortedWindow(capacity: 21)
    private var quarantine = Quarantine(capacity: 4)
    private var loudNights = 0
    private var loudSinceMs: Int64 = 0
    private var finding: Finding?
    /// How far the night so far lies above the reference, in σ; nil outside the night or when that can't be told.
    private(set) var rise: Double?

    init(parameters: LeakNoiseParameters) { self.parameters = parameters }

    /// Folds in a reading.
    ///
    /// - Returns: What the last whole night says; nil while there is no reference.
    mutating func observe(
        _ value: Double, atMs: Int64, zone: ZoneTable, neighbours: Double? = nil, isActive: Bool, isLearning: Bool
    ) -> Finding? {
        let local = LocalTime(atMs: atMs, in: zone)
        let done = slots.append(value, atMs: atMs)
        let slot = done.own ?? done.earlier
        if slot != nil, figures.count(onDay: local.day), !isActive { forget() }
        let isNight = figures.areFew || local.secondOfDay < 5 * 3600
        if nightDay != .min, night.count > 0, !isNight || local.day != nightDay {
            judgeNight(neighbours: neighbours, isActive: isActive, isLearning: isLearning)
        }
        rise = nil
        guard isNight else { return finding }
        if local.day != nightDay {
            nightDay = local.day
            nightStartMs = atMs
        }
        if let slot, !figures.areTooMany { night.append(slot.mean) }
        if night.count >= leastFigures, reference.count >= parameters.referenceNights {
            rise = (nightLevel - reference.median) / sigma
        }
        if slot != nil, figures.areComplete {
            judgeNight(neighbours: neighbours, isActive: isActive, isLearning: isLearning)
        }
        return finding
    }

    /// It has begun to tell of its nights in another way: what it told before is no measure.
    private mutating func forget() {
        night.removeAll()
        reference.removeAll()
        quarantine.removeAll()
        (loudNights, finding) = (0, nil)
    }

    func baseline(fromMs: Int64, toMs: Int64) -> Baseline? {
        guard reference.count >= parameters.referenceNights else { return nil }
        let (median, reach) = (reference.median, Interval.sigmas * sigma)
        return .constant(median, low: median - reach, high: median + reach, fromMs: fromMs, toMs: toMs)
    }

    /// How many figures tell of a night.
    private var leastFigures: Int { figures.areFew ? 1 : 4 }

    private var nightLevel: Double { night.quantile(0.05) }

    private var sigma: Double { max(1.4826 * reference.medianAbsoluteDeviation, parameters.sigmaFloorDB) }

    /// - Parameter neighbours: The rise of the quietest quarter of the zone's other loggers, in σ; nil if too few are heard.
    private mutating func judgeNight(neighbours: Double?, isActive: Bool, isLearning: Bool) {
        defer { night.removeAll() }
        // A night with few readings is quiet by accident or loud by accident. In a storm all are loud: nothing to hear.
        guard night.count >= leastFigures, (neighbours ?? 0) < parameters.stormSigmas else { return }
        let level = nightLevel
        while let oldest = quarantine.oldest, oldest.day < nightDay - 1 {
            reference.append(oldest.value)
            quarantine.removeOldest()
        }
        if reference.count >= parameters.referenceNights {
            finding = judge(level, isAlone: neighbours.map { $0 < 1 } ?? false, isActive: isActive)
        }
        if isLearning { quarantine.append(day: nightDay, value: level) }
    }

    private mutating func judge(_ level: Double, isAlone: Bool, isActive: Bool) -> Finding {
        let median = reference.median
        let z = (level - median) / sigma
        // Where the others are heard and are quiet, it is no weather: half will do.
        let rising = isAlone ? parameters.riseAloneDB : parameters.riseAtOnceDB
        let isFar =
            (night.count >= 9 || figures.areFew) && z >= (isAlone ? parameters.opensAlone : parameters.opensAtOnce)
            && level - median >= rising
        let isLoud = z >= parameters.opens && level - median >= parameters.riseDB
        loudNights = isLoud ? loudNights + 1 : 0
        if loudNights <= 1 { loudSinceMs = nightStartMs }
        let condition: Verdict.Condition
        if isFar || loudNights >= 2 || (isActive && isLoud) {
            condition = .abnormal
        } else {
            condition = z < parameters.clears ? .normal : .between
        }
        return Finding(
            condition: condition, onsetMs: loudSinceMs, score: max(0, z), observed: level, expected: median,
            threshold: median + max(parameters.opens * sigma, parameters.riseDB), spread: sigma)
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&slots)
        coder.code(&night)
        coder.code(&nightDay)
        coder.code(&nightStartMs)
        coder.code(&reference)
        coder.code(&quarantine)
        coder.code(&loudNights)
        coder.code(&loudSinceMs)
        coder.code(&finding)
        coder.code(&rise)
    }

    /// What ``code(_:)`` did not hold once.
    mutating func codeLater(_ coder: inout StateCoder) { coder.code(&figures) }
}

extension LeakNoiseDetector {
    /// How many figures a logger sends a day: today, and on the last three days on which it was heard; "four" is many.
    private struct Figures: Sendable, Equatable, StateCodable, BitwiseCopyable {
        private static let many: UInt8 = 4

        private var day = Int.min
        private var today: UInt8 = 0
        private var before = SIMD4<UInt8>(repeating: 0)
        /// Whether each is of a whole night: few on three days in a row; one day with more is a visit.
        private(set) var areFew = false

        /// Whether the one that was counted last is the last that is to be expected today.
        var areComplete: Bool { areFew && today == usual }
        /// Whether all had come before it.
        var areTooMany: Bool { areFew && today > usual }

        private var usual: UInt8 { max(min(before[0], before[1]), min(max(before[0], before[1]), before[2])) }

        /// - Returns: Whether it has begun to send few, or many.
        mutating func count(onDay day: Int) -> Bool {
            let wereFew = areFew
            if day != self.day {
                if today > 0 { before = SIMD4(today, before[0], before[1], 0) }
                (self.day, today) = (day, 0)
                let areKnown = before[2] > 0
                areFew = areKnown && (areFew ? usual : max(before[0], before[1], before[2])) < Self.many
            }
            today = min(today + 1, Self.many)
            return areFew != wereFew
        }

        mutating func code(_ coder: inout StateCoder) {
            coder.code(&day)
            coder.code(&today)
            for place in 0..<3 { coder.code(&before[place]) }
            coder.code(&areFew)
        }
    }
}

/// When a logger hears a leak.
public struct LeakNoiseParameters: Sendable, Equatable {
    /// z and rise of one night that opens at once.
    public var opensAtOnce = 6.0, riseAtOnceDB = 8.0
    /// The same where neighbours are heard and stay quiet.
    public var opensAlone = 5.0, riseAloneDB = 4.0
    /// The z of the neighbours' quietest quarter that makes a storm.
    public var stormSigmas = 1.5
    /// z and rise of each of two nights in a row. Three σ twice is rarer than four σ once.
    public var opens = 3.0, riseDB = 2.2
    /// z of one night that clears.
    public var clears = 1.5
    /// Least σ, dB: what loggers repeat themselves to.
    public var sigmaFloorDB = 0.7
    /// Nights of reference before anything is judged.
    public var referenceNights = 5

    public init() {}

    func problems(_ key: String) -> [String] {
        var found: [String] = []
        if !(clears > 0 && clears < opens && opens <= opensAtOnce) {
            found.append(
                "\(key): must have 0 < clears < opens ≤ opens_at_once, found \(clears), \(opens), \(opensAtOnce)")
        }
        if sigmaFloorDB <= 0 { found.append("\(key).sigma_floor_db: must be above 0, found \(sigmaFloorDB)") }
        if !(2...21).contains(referenceNights) {
            found.append("\(key).reference_nights: must be 2–21, found \(referenceNights)")
        }
        return found
    }
}
