/// What the events do to each sensor: an index over a list of events.
struct CityEffects: Sendable {
    private var bySensor: [Int: [CityEvent]] = [:]

    init(of events: some Sequence<CityEvent>, in city: borrowing SyntheticCity) {
        for event in events {
            for sensor in city.sensors(touchedBy: event) { bySensor[sensor, default: []].append(event) }
        }
    }

    /// What happens to this sensor now; nil, nearly always, for nothing.
    func effect(on sensor: Int, device: CityDevice, atMs: Int64) -> CityEffect? {
        guard let events = bySensor[sensor] else { return nil }
        var effect = CityEffect()
        for event in events where atMs >= event.startMs && atMs < event.tracesUntilMs {
            effect.add(event, to: device, sensor: sensor, atMs: atMs)
        }
        return effect
    }
}

/// The sum of what events do to one sensor at one moment.
struct CityEffect: Sendable {
    /// Leaked water as a share of the zone's mean inflow.
    var leak = 0.0
    /// dB above a quiet night.
    var hiss = 0.0
    /// L/h that run in every hour.
    var running = 0.0
    /// Share of speed lost.
    var congestion = 0.0
    var isWet = false
    var isBurning = false
    var isTilted = false
    var isSilent = false
    /// The sensor repeats its value of then.
    var stuckSinceMs: Int64?
    /// The fill event that is going on: when it began, and when it passes 85 %.
    var filling: (fromMs: Int64, fullAtMs: Int64)?
    /// When a crew came outside the round.
    var emptiedAtMs: Int64?

    mutating func add(_ event: CityEvent, to device: CityDevice, sensor: Int, atMs: Int64) {
        let sinceMs = atMs - event.startMs
        switch event.kind {
        case .mainLeaks(_, let share, let growsForMs):
            let grown = growsForMs > 0 ? min(1, Double(sinceMs) / Double(growsForMs)) : 1
            leak += share * grown
            hiss = max(hiss, 14 * min(1, share * grown / 0.2))
        case .congestion(_, let stations, let severity):
            // The queue grows upstream, four minutes a station, and takes ten minutes to form and to dissolve.
            let sinceHereMs = sinceMs - Int64(stations.upperBound - 1 - sensor) * 240_000
            let forming = Double(sinceHereMs + 300_000) / 600_000
            let dissolving = Double(event.endMs - atMs) / 600_000
            congestion = max(congestion, severity * min(forming, dissolving).clamped(to: 0...1))
        case .binFills(_, let fullAtMs):
            if atMs < event.endMs {
                filling = (event.startMs, fullAtMs)
            } else {
                emptiedAtMs = max(emptiedAtMs ?? .min, event.endMs)
            }
        case .binBurns: isBurning = true
        case .binTilts: isTilted = true
        case .stuck: stuckSinceMs = event.startMs
        case .silent, .gatewayDies: isSilent = true
        case .meterRuns(_, let litresPerHour): running += litresPerHour
        case .chamberFloods: isWet = true
        case .loggerHearsLeak(_, let level): hiss = max(hiss, level)
        case .losesReadings(_, let share):
            if SeededHash.unit(SeededHash.key(device.key, 90), atMs / 1000) < share { isSilent = true }
        }
    }
}
