internal import Detection
internal import Readings

/// What is told of one sensor once a minute: each reading is counted meanwhile.
struct UntoldReadings: Sendable {
    /// Beyond its quota.
    var shed = ShedReadings()
    /// Behind newer ones, and ahead of our clock.
    var late = OddTimes(), clamped = OddTimes()
}

/// One sensor's state on the pipeline thread.
struct SensorLane: Sendable {
    // What every reading touches stands together, so that it lies in five lines of memory and not in eight.

    /// The newest event time seen. What is older is late.
    var watermarkMs = Int64.min
    /// When it was last heard, by the daemon's time, as far as the log tells.
    var heardMs: Int64 = 0
    /// Late readings in a row, each newer than the one before: a clock that was set back.
    var lateInARow = 0
    var quota = ReadingQuota()
    /// What it said lately, by event time; and what had no event time to be known by.
    var recent = RecentReadings()
    var arrivals = RecentArrivals()
    var monitor: SensorMonitor
    /// The lane that holds what its pipe zone knows: that of the zone's first sensor. Nil without a zone.
    var zoneLane: Int?
    /// What is told of it once a minute, where there is any. Not part of the saved state: it changes no outcome.
    ///
    /// None or one, on the heap: most sensors are never odd.
    var untold: [UntoldReadings] = []

    /// The last late reading, and the first of those in a row, by its own time and by ours.
    var lastLateMs = Int64.min
    var lateFromMs = Int64.min
    var lateFromArrivalMs = Int64.min
    /// Intervals of which parts have come.
    var parts = IntervalParts()
    /// What the sensors of its pipe zone know together: one in the zone's first lane, on the heap, none in any other.
    var zone: [ZoneFusion]

    /// - Parameter holdsZone: whether it is the first of its pipe zone.
    init(monitor: SensorMonitor, zoneLane: Int?, holdsZone: Bool) {
        self.monitor = monitor
        self.zoneLane = zoneLane
        zone = holdsZone ? [ZoneFusion()] : []
    }

    /// Counts a reading for what is told once a minute, and says what to tell now.
    mutating func note<Report>(_ count: (inout UntoldReadings) -> Report?) -> Report? {
        if untold.isEmpty { untold.append(UntoldReadings()) }
        return count(&untold[0])
    }

    /// Remembers what is logged. In one place, so that the array of lanes is asked once whether it is alone.
    mutating func memorize(
        _ reading: Reading, at sequence: Int64, _ limits: ReadingQuota.Limits, horizonMs: Int64
    ) {
        quota.spend(reading, limits)
        recent.remember(reading, at: sequence, horizonMs: horizonMs)
        guard !reading.flags.isDisjoint(with: .timedByArrival) else { return }
        arrivals.remember(reading, horizonMs: horizonMs)
    }

    /// - Returns: Why the monitor could not be taken over, on reading: it must begin afresh then. The rest can be.
    mutating func code(_ coder: inout StateCoder) -> StateError? {
        coder.code(&watermarkMs)
        coder.code(&heardMs)
        coder.code(&lateInARow)
        coder.code(&lastLateMs)
        coder.code(&lateFromMs)
        coder.code(&lateFromArrivalMs)
        coder.code(&recent)
        coder.code(&arrivals)
        coder.code(&quota)
        parts.code(&coder)
        // Saved for each, from the time when each had one.
        var fusion = zone.first ?? ZoneFusion()
        coder.code(&fusion)
        if coder.isReading, !zone.isEmpty { zone[0] = fusion }
        return coder.block { $0.code(&monitor) }
    }
}
