public import Readings

/// Tells who has gone quiet: sensors, and gateways behind which nothing is heard.
///
/// Arrival time only: a sensor's clock cannot make it silent. It is silent when nothing was heard for three expected
/// intervals (at least 15 minutes); the interval is the registry's, or learned. A sensor that often pauses for longer than
/// that is silent when it pauses for longer than it has lately (``Pauses``). A gateway is silent when nothing behind it was
/// heard for three of its quickest sensor's intervals (at least 10 minutes), and then swallows the silence of its sensors: they
/// get one allowance more after it has come back. A sensor whose gateway has not been heard since the sensor's time ran out
/// waits until it is known which of the two is silent.
///
/// A gateway that **announces** its death (a Sparkplug edge node), and whose sensors speak only of what has changed, is silent
/// when it has said so, or when it has not been heard within ten minutes after our connection came up. Its sensors are
/// silent with it, or when their device has said so; without a stated interval, quiet is no sign of anything.
///
/// An outage of ours is nobody's silence: while no connection is up nothing is judged, and after a connection came up
/// everything behind it has one allowance again. The same holds when the clock is told after a pause: the process, or the
/// machine under it, has stood still, or the clock was set ahead.
///
/// - Complexity: O(1) to hear; a tick costs what came due, not what exists: each sensor is looked at once an allowance.
/// - Memory: about 110 bytes a sensor, 60 a gateway.
public struct SilenceMonitor: Sendable, Equatable {
    let parameters: SilenceParameters
    var sensors: [SensorState] = []
    var gateways: [GatewayState] = []
    var sources: [SourceState] = []
    var sensorTimers = TimerWheel()
    var gatewayTimers = TimerWheel()
    /// Silent ones that were heard since the last tick.
    var heardAgain: [Int32] = []
    var gatewaysHeardAgain: [Int32] = []
    /// Those that have told that they die, since the last tick.
    var dying: [Int32] = []
    var gatewaysDying: [Int32] = []
    var learned = LearnedIntervals()
    var upCount = 0
    var lastTickMs = Int64.min
    /// When the first connection came up, after a time with none.
    var upSinceMs = Int64.min
    /// When the clock was told for the first time after a pause.
    var awakeSinceMs = Int64.min

    /// How many milliseconds of the stream's clock pass in one of the machine's: more than one in a demonstration.
    private let clockRate: Int

    public init(parameters: DetectionParameters, clockRate: Int = 1) {
        (self.parameters, self.clockRate) = (parameters.silence, clockRate)
    }

    /// Begins to watch a sensor; again with new values when the registry changed.
    ///
    /// It is judged from when it is first heard.
    /// - Parameters:
    ///   - expectedIntervalS: Seconds between its messages, or nil to learn them.
    ///   - gateway: The dense number of the gateway that it is heard through.
    ///   - announcesDeath: Whether that gateway tells when it or a device of it dies.
    public mutating func add(
        _ sensor: SensorIndex, expectedIntervalS: Int?, gateway: Int?, announcesDeath: Bool = false
    ) {
        while sensors.count <= sensor.int { sensors.append(SensorState()) }
        sensorTimers.grow(to: sensors.count)
        sensors[sensor.int].isWatched = true
        sensors[sensor.int].givenS = Int32(clamping: max(0, expectedIntervalS ?? 0))
        let old = sensors[sensor.int].gateway
        let new = Int32(gateway ?? -1)
        if old != new {
            if old >= 0 { leave(gateway: Int(old), sensor.int) }
            if new >= 0 { join(gateway: Int(new), sensor.int) }
        }
        if let gateway { gateways[gateway].announces = announcesDeath }
    }

    /// A device has told that it dies, or the edge node that stands behind `sensor` has, with all its devices. Whoever is
    /// heard before the next tick lives.
    public mutating func died(_ sensor: SensorIndex, isGateway: Bool, atMs: Int64) {
        guard sensor.int < sensors.count, sensors[sensor.int].isWatched else { return }
        guard isGateway else {
            guard !sensors[sensor.int].isSilent, !sensors[sensor.int].isDying else { return }
            sensors[sensor.int].isDying = true
            return dying.append(Int32(sensor.int))
        }
        let gateway = Int(sensors[sensor.int].gateway)
        guard gateway >= 0, !gateways[gateway].isSilent, !gateways[gateway].isDying else { return }
        gateways[gateway].isDying = true
        gatewaysDying.append(Int32(gateway))
    }

    /// Something of this sensor arrived.
    ///
    /// - Parameter source: The connection that it came by, so that only that connection's outages excuse it; -1 when
    ///   that isn't known: then only an outage of all of them does.
    public mutating func heard(_ sensor: SensorIndex, source: Int = -1, atMs: Int64) {
        let id = sensor.int
        sensorTimers.start(nowMs: atMs)
        gatewayTimers.start(nowMs: atMs)
        guard id < sensors.count, sensors[id].isWatched else { return }
        learnPause(id, source: source, atMs: atMs)
        sensors[id].hear(source: source, atMs: atMs)
        if sensors[id].givenS == 0, sensors[id].cadence.medianS > 0 { learned.note(id, sensors[id].cadence.medianS) }
        sensors[id].isDying = false
        if sensors[id].isSilent {
            if !sensors[id].isHeardAgain {
                sensors[id].isHeardAgain = true
                sensors[id].cadence.skip(toMs: atMs)
                heardAgain.append(Int32(id))
            }
        } else if !sensorTimers.isArmed(id) {
            arm(sensor: id, dueMs: atMs + sensorAllowanceMs(id), nowMs: atMs)
        }
        if sensors[id].gateway >= 0 { heard(gateway: Int(sensors[id].gateway), source: source, atMs: atMs) }
    }

    /// A connection to a broker came up, its backlog drained, or went down.
    public mutating func connection(isUp: Bool, source: Int, atMs: Int64) {
        precondition(source >= 0, "sources count from 0, was \(source)")
        while sources.count <= source { sources.append(SourceState()) }
        guard sources[source].isUp != isUp else { return }
        sources[source].isUp = isUp
        sources[source].wasUp = true
        upCount += isUp ? 1 : -1
        guard isUp else { return }
        sources[source].upSinceMs = atMs
        if upCount == 1 { upSinceMs = atMs }
    }

    /// Appends who went silent and who was heard again since the last tick: gateways first.
    public mutating func tick(atMs: Int64, into changes: inout [SilenceChange]) {
        if lastTickMs > atMs, lastTickMs - atMs > minuteMs { restart(atMs: atMs) }
        if lastTickMs != .min, atMs - lastTickMs > longestStepMs { awakeSinceMs = atMs }
        lastTickMs = atMs
        reportHeardAgain(atMs: atMs, into: &changes)
        guard upCount > 0 else { return }
        reportDeaths(atMs: atMs, into: &changes)
        while let gateway = gatewayTimers.next(nowMs: atMs) { check(gateway: gateway, nowMs: atMs, into: &changes) }
        while let sensor = sensorTimers.next(nowMs: atMs) { check(sensor: sensor, nowMs: atMs, into: &changes) }
    }

    /// Whether the last tick came after a pause: the process has stood still, or the clock was set ahead.
    public var hasJustWoken: Bool { lastTickMs != .min && awakeSinceMs == lastTickMs }

    /// Between two ticks of a daemon that is awake: they come at least once a minute, and half the shortest allowance says
    /// nothing yet of anybody. However fast the clock runs, a busy machine is no pause; but who waits for the disk for longer than
    /// half a second hears nobody meanwhile.
    var longestStepMs: Int64 {
        max(2 * minuteMs, Int64(parameters.shortestGatewayAllowanceS) * 500, 500 * Int64(clockRate))
    }

    /// Tells of sensors whose learned interval has changed since the last call, in seconds: as soon as it is known, then by
    /// a tenth and more at a time. It belongs to no saved state, so after a start all that are heard are told of once.
    public mutating func takeLearned(_ tell: (_ sensor: SensorIndex, _ intervalS: Int) -> Void) {
        learned.take { tell(SensorIndex(rawValue: UInt32($0)), $1) }
    }

    /// Whether the sensor is reported as silent now.
    public func isSilent(_ sensor: SensorIndex) -> Bool {
        sensor.int < sensors.count && sensors[sensor.int].isSilent
    }
}

// MARK: - Bookkeeping

extension SilenceMonitor {
    mutating func arm(sensor id: Int, dueMs: Int64, nowMs: Int64) {
        // Without a cadence the allowance is days: look again within the hour, when there may be one.
        let isKnown = sensors[id].givenS > 0 || sensors[id].cadence.medianS > 0
        sensorTimers.arm(id, dueMs: isKnown ? dueMs : min(dueMs, nowMs + hourMs), nowMs: nowMs)
    }

    mutating func arm(gateway id: Int, dueMs: Int64, nowMs: Int64) {
        // Its sensors' cadences are being learned: its allowance must not be older than an hour.
        gatewayTimers.arm(id, dueMs: min(dueMs, nowMs + hourMs), nowMs: nowMs)
    }

    private mutating func join(gateway: Int, _ sensor: Int) {
        makeRoom(forGateway: gateway)
        sensors[sensor].gateway = Int32(gateway)
        sensors[sensor].nextOfGateway = gateways[gateway].firstSensor
        gateways[gateway].firstSensor = Int32(sensor)
        gateways[gateway].sensorCount += 1
    }

    mutating func makeRoom(forGateway gateway: Int) {
        while gateways.count <= gateway { gateways.append(GatewayState()) }
        gatewayTimers.grow(to: gateways.count)
    }

    /// O(sensors of the gateway): registry changes are rare.
    private mutating func leave(gateway: Int, _ sensor: Int) {
        let next = sensors[sensor].nextOfGateway
        if Int(gateways[gateway].firstSensor) == sensor {
            gateways[gateway].firstSensor = next
        } else {
            var before = Int(gateways[gateway].firstSensor)
            while Int(sensors[before].nextOfGateway) != sensor { before = Int(sensors[before].nextOfGateway) }
            sensors[before].nextOfGateway = next
        }
        sensors[sensor].gateway = -1
        sensors[sensor].nextOfGateway = -1
        gateways[gateway].sensorCount -= 1
    }
}
