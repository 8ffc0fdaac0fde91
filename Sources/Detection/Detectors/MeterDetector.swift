internal import Readings

/// Finds leaks behind a customer's meter: for 24 hours it never rests.
///
/// The least hourly flow of the last 24 hours is compared with what the same figure was on recent days, so that a
/// bakery that draws water day and night is no leak.
///
/// - Complexity: O(1) amortised an hour. Memory: 1.5 kB.
/// - Source: the continuous-flow test of smart meters: Britton, Stewart & O'Halloran, J. Cleaner Production 54 (2013).
struct MeterDetector: Sendable, Equatable, StateCodable {
    private let parameters: MeterParameters
    private var hours = SlotMean(lengthMs: hourMs)
    private var least = TrailingExtreme(.minimum, spanMs: 24 * hourMs, capacity: 26)
    private var history = SortedWindow(capacity: 21)
    private var rememberedDay = Int.min
    private var raisedSinceMs: Int64 = 0
    private var finding: Finding?

    init(parameters: MeterParameters) { self.parameters = parameters }

    /// Folds in a reading, in L/h.
    ///
    /// - Returns: What the latest hour says, or nil when no hour was completed or there is no history.
    mutating func observe(
        _ value: Double, atMs: Int64, zone: ZoneTable, isActive: Bool, isLearning: Bool
    ) -> Finding? {
        let done = hours.append(value, atMs: atMs)
        guard let hour = done.own ?? done.earlier else { return nil }
        least.append(hour.mean, atMs: hour.atMs)
        // A gap of a few hours is bridged; with more missing, nobody knows whether it rested.
        guard least.count >= 20, let minimum = least.value else { return nil }
        let local = LocalTime(atMs: hour.atMs, in: zone)
        let verdict = judge(minimum, latest: hour.mean, atMs: hour.atMs, isActive: isActive)
        // What never rests is no usual day, unless a person has said that it is.
        if local.day != rememberedDay, isLearning, isActive || verdict?.condition != .abnormal {
            rememberedDay = local.day
            history.append(minimum)
        }
        return verdict
    }

    func baseline(fromMs: Int64, toMs: Int64) -> Baseline? {
        guard history.count >= parameters.historyDays else { return nil }
        return .constant(
            history.median, low: history.quantile(0.05), high: history.quantile(0.95), fromMs: fromMs, toMs: toMs)
    }

    private mutating func judge(_ minimum: Double, latest: Double, atMs: Int64, isActive: Bool) -> Finding? {
        guard history.count >= parameters.historyDays else { return nil }
        let usual = history.quantile(0.9)
        let threshold = max(parameters.leastLPH, 1.3 * usual + 1)
        if minimum < threshold { raisedSinceMs = least.oldestMs ?? atMs }
        let condition: Verdict.Condition
        if minimum >= threshold {
            condition = .abnormal
        } else {
            // While the minimum still holds the quiet hour that cleared it, the latest hour says more.
            condition = latest < threshold / 2 || !isActive ? .normal : .between
        }
        return Finding(
            condition: condition, onsetMs: condition == .abnormal ? least.oldestMs ?? atMs : raisedSinceMs,
            score: max(0, minimum / threshold), observed: minimum, expected: usual, threshold: threshold,
            // Of the least that ever runs, all may be the leak's, or all but what is drawn on most days. Meters count whole
            // litres and turn a tenth too slowly at a trickle.
            estimate: Interval(
                value: 1.05 * (minimum - history.median), low: minimum - usual, high: 1.1 * minimum + 1
            ).notBelowZero())
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&hours)
        coder.code(&least)
        coder.code(&history)
        coder.code(&rememberedDay)
        coder.code(&raisedSinceMs)
        coder.code(&finding)
    }
}

/// When a meter never rests.
public struct MeterParameters: Sendable, Equatable {
    /// The least hourly flow that counts, L/h: a dripping tap.
    public var leastLPH = 1.0
    /// Days of history before anything is judged.
    public var historyDays = 7

    public init() {}

    func problems(_ key: String) -> [String] {
        var found: [String] = []
        if leastLPH <= 0 { found.append("\(key).least_lph: must be above 0, found \(leastLPH)") }
        if !(1...21).contains(historyDays) {
            found.append("\(key).history_days: must be 1–21, found \(historyDays)")
        }
        return found
    }
}
