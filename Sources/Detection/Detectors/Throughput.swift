internal import Readings

/// Tells why traffic queues: because the road is blocked, because more want to pass than it can carry, or because far
/// more have come than usual.
///
/// A queue behind a bottleneck that works discharges what the bottleneck can carry, some 5–10 % under the road's
/// capacity, in heavy rain 14 % less again. A crash that closes one lane of four leaves 58 %, one of two 35 %. So seven
/// tenths of capacity divide the daily rush, however early or long, from an incident. Where the flow is far above what
/// this hour usually brings, the queue is a surge's: a match, a diversion.
///
/// The capacity is the upper quartile of the last fourteen days' greatest flows over a quarter of an hour: two weekends
/// do not lower it, a single odd quarter does not raise it.
///
/// - Complexity: O(1) a sample, O(14) once a day. Memory: 2.4 kB.
/// - Source: flow to tell incident from recurrent queue: Persaud, Hall & Hall, TRR 1287 (1990), the McMaster algorithm;
///   queue discharge: Cassidy & Bertini, Transportation Research B 33 (1999); lanes closed and rain: Highway Capacity
///   Manual 2010, ch. 10.
struct Throughput: Sendable, Equatable, StateCodable {
    enum Cause: Sendable {
        case unknown
        /// Less passes than the road could carry.
        case blocked
        /// As much passes as the road can carry.
        case demand
        /// As much passes as the road can carry, and far more than usual at this hour.
        case surge
    }

    private let parameters: CongestionParameters
    /// Flow by time of week, veh/h.
    private var profile = TimeOfWeekProfile(keepsDeviations: false)
    /// Each day's greatest flow over a quarter of an hour, veh/h.
    private var capacities = SortedWindow(capacity: 14)
    private var recent = TrailingMoments(spanMs: 15 * minuteMs, capacity: 15)
    private var latest = 0.0
    private var lastMs = Int64.min
    private var intervalMs: Int64 = 0
    private var quarter = -1, day = Int.min
    private var quarterSum = 0.0, quarterCount = 0.0
    private var greatest = 0.0
    /// What this quarter of an hour usually brings; infinite while that is not known.
    private var usual = Double.infinity
    private var activeSinceMs = Int64.min
    private var lastIncidentMs = Int64.min

    init(parameters: CongestionParameters) { self.parameters = parameters }

    /// Folds in a flow, veh/h; nil where the sample has none.
    mutating func observe(_ flow: Double?, atMs: Int64, local: LocalTime, isActive: Bool) {
        if local.quarter != quarter || local.day != day { beginQuarter(local) }
        if !isActive { activeSinceMs = .min }
        if isActive, activeSinceMs == .min { activeSinceMs = atMs }
        // What is only pending comes to nothing within a quarter of an hour.
        if isActive, atMs - activeSinceMs >= 15 * minuteMs { lastIncidentMs = atMs }
        guard let flow else { return }
        intervalMs = lastMs == .min ? 0 : atMs - lastMs
        (latest, lastMs) = (flow, atMs)
        recent.append(flow, atMs: atMs)
        quarterSum += flow
        quarterCount += 1
        if !isActive { profile.learn(flow, local.dayType, quarter: local.quarter) }
    }

    /// Why it queues at `nowMs`, if it does.
    func cause(nowMs: Int64) -> Cause {
        guard lastMs == nowMs, capacities.count >= 3 else { return .unknown }
        let capacity = capacities.quantile(0.75)
        if latest <= parameters.blockedAtOnce * capacity { return .blocked }
        let isWhole = intervalMs >= 10 * minuteMs || nowMs - (recent.oldestMs ?? nowMs) >= 10 * minuteMs
        if isWhole, recent.mean <= parameters.blocked * capacity { return .blocked }
        // What an incident has held back comes for hours after it.
        let isAftermath = lastIncidentMs != .min && nowMs - lastIncidentMs < parameters.aftermathMs
        return !isAftermath && latest > parameters.surge * usual ? .surge : .demand
    }

    private mutating func beginQuarter(_ local: LocalTime) {
        if quarterCount > 0 { greatest = max(greatest, quarterSum / quarterCount) }
        if local.day != day, day != .min {
            if greatest > 0 { capacities.append(greatest) }
            greatest = 0
        }
        (quarter, day, quarterSum, quarterCount) = (local.quarter, local.day, 0, 0)
        usual = profile.expected(local.dayType, quarter: local.quarter)?.level ?? .infinity
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&profile)
        coder.code(&capacities)
        coder.code(&recent)
        coder.code(&latest)
        coder.code(&lastMs)
        coder.code(&intervalMs)
        coder.code(&quarter, in: -1...95)
        coder.code(&day)
        coder.code(&quarterSum)
        coder.code(&quarterCount)
        coder.code(&greatest)
        coder.code(&usual)
        coder.code(&activeSinceMs)
        coder.code(&lastIncidentMs)
    }
}
