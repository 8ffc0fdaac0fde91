/// How long a condition must last before an incident opens, closes, or counts as a new one. All in event time.
public struct LifecyclePolicy: Sendable, Equatable, BitwiseCopyable {
    /// From the first abnormal verdict to opening. A critical verdict opens at once.
    public var pendingMs: Int64
    /// From the first normal verdict to closing.
    public var clearMs: Int64
    /// A recurrence this soon after closing reopens the same request.
    public var holdOffMs: Int64

    public init(pendingMs: Int64, clearMs: Int64, holdOffMs: Int64) {
        self.pendingMs = pendingMs
        self.clearMs = clearMs
        self.holdOffMs = holdOffMs
    }
}

extension Rule {
    /// The durations that go with the detector behind the rule.
    ///
    /// Where a detector judges a window of hours, the window is the wait, and nothing more is added.
    public var lifecycle: LifecyclePolicy {
        switch self {
        // A sequential test over days, and a window of hours, have waited already, both ways.
        case .nightFlow: LifecyclePolicy(pendingMs: 0, clearMs: 0, holdOffMs: 24 * hourMs)
        case .burst: LifecyclePolicy(pendingMs: 0, clearMs: 0, holdOffMs: 12 * hourMs)
        // Two hourly values in a row: one low hour may be rounding.
        case .meterNeverZero: LifecyclePolicy(pendingMs: 0, clearMs: hourMs, holdOffMs: 24 * hourMs)
        case .wetContact: LifecyclePolicy(pendingMs: 0, clearMs: 0, holdOffMs: 12 * hourMs)
        // Judged night by night.
        case .leakNoise: LifecyclePolicy(pendingMs: 0, clearMs: 0, holdOffMs: 72 * hourMs)
        // Three 5-minute samples in a row, both ways: the persistence test of fielded incident detection (APID; Payne &
        // Tignor, TRR 682, 1978). A stop-and-go wave passes within ten minutes.
        case .congestion: LifecyclePolicy(pendingMs: 10 * minuteMs, clearMs: 10 * minuteMs, holdOffMs: 30 * minuteMs)
        case .trafficDrop: LifecyclePolicy(pendingMs: 0, clearMs: 10 * minuteMs, holdOffMs: 30 * minuteMs)
        case .binFull, .binForecast, .binDumping: LifecyclePolicy(pendingMs: 0, clearMs: 0, holdOffMs: 4 * hourMs)
        // Judged over windows; what changes slowly clears slowly.
        case .anomaly: LifecyclePolicy(pendingMs: 0, clearMs: 0, holdOffMs: 6 * hourMs)
        // Embers flare up again within the hour.
        case .binFire: LifecyclePolicy(pendingMs: 0, clearMs: hourMs, holdOffMs: 6 * hourMs)
        // A crew tips a bin to empty it; that takes minutes.
        case .binTilt: LifecyclePolicy(pendingMs: 15 * minuteMs, clearMs: 15 * minuteMs, holdOffMs: 4 * hourMs)
        // The allowance has waited already.
        case .silence, .gatewaySilence: LifecyclePolicy(pendingMs: 0, clearMs: 0, holdOffMs: 6 * hourMs)
        // Judged by means over a day.
        case .drift: LifecyclePolicy(pendingMs: 0, clearMs: hourMs, holdOffMs: 72 * hourMs)
        case .stuck, .implausible, .clock: LifecyclePolicy(pendingMs: 0, clearMs: hourMs, holdOffMs: 24 * hourMs)
        }
    }

    /// Raised whenever a rule's detector or its defaults change, so that a request says what opened it.
    public var version: Int {
        switch self {
        // 2: leakage is told from demand, by a sequential test over days. 3: by the sums of hours, not by values.
        // 4: another meter is adopted by its share. 5: hours weigh no more than the meter's steps let them.
        case .nightFlow: 5
        // 2: flow tells incidents from queues; a forecast and a load have rules of their own. 3: surges by levels alone.
        // 4: seven tenths of capacity are a blockage.
        case .congestion: 4
        // 3: a gain in a gap, or under a blocked lens, is no load.
        case .binFull: 3
        // 2: by the median of three, and the first forecast counts; four hours ahead.
        case .binForecast: 2
        // 2: neighbours tell weather; bursts like night flow. 3: a sensor that measures several quantities stands in its zone
        // with each.
        case .burst, .leakNoise: 3
        case .wetContact: 3
        // 2: any interval; a day like another day type's is no incident.
        case .trafficDrop: 2
        // 2: a mean of two hours, steps of five deviations. 3: a mean of eight hours; a daily step is a habit. 4: so is one
        // that has come three times. 5: a mean that is out by 2.9 deviations.
        case .anomaly: 5
        // 2: a flow meter that tells of less and less. 3: another meter is adopted by its share. 4: as bursts, 3.
        case .drift: 4
        // 2: repetition and silence are measured against the sensor's own habits. 3: a nightly pause is a habit sooner.
        case .silence, .gatewaySilence: 3
        // 2: what a bin gained in a gap, or under a blocked lens, is no load.
        case .binDumping: 2
        // 3: a level in coarse steps rests longer. 4: one that has not moved yet rests for a day.
        case .stuck: 4
        default: 1
        }
    }
}

let minuteMs: Int64 = 60_000
let hourMs: Int64 = 3_600_000
let dayMs: Int64 = 86_400_000
