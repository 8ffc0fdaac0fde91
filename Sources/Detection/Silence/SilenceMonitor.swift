public import Readings

/// Tells who has gone quiet: sensors, and gateways behind which nothing is heard.
///
/// Arrival time only: a sensor's clock cannot make it silent. It is silent when nothing was heard for three expected
/// intervals (at least 15 minutes); the interval is the registry's, or learned. A sensor that often pauses for longer than
/// that is silent when it pauses for longer than it has lately (``Pauses``). A gateway is silent when nothing behind it was
/// heard for three of its quickest sensor's intervals (at least 10 minutes), and then swallows the silence of its sensors: they get one allowance more after it has come back. A sensor whose gateway has not been heard since the
/// sensor's time ran out waits until it is known which of the two is silent.
///
/// A gateway that **announces** its death (a Sparkplug edge node), and whose sensors speak only of what has changed, is silent
/// when it has said so, or when it has not been heard within ten minutes after our connection came up. Its sensors are
/// silent with it, or when their device has said so; without a stated interval, quiet is no sign of anything.
///
/// An outage of ours is nobody's silence: while no connection is up nothing is judged, and after a connection came up
/// everything behind it has one allowance again.
///
/// - Complexity: O(1) to hear; a tick costs what came due, not what exists: each sensor is looked at once an allowance.
/// - Memory: about 110 bytes a sensor, 60 a gateway.
public struct SilenceMonitor: Sendable, Equatable {
    private let parameters: SilenceParameters
    private var sensors: [SensorState] = []
    private var gateways: [GatewayState] = []
    private var sources: [SourceState] = []
    private var sensorTimers = TimerWheel()
    private var gatewayTimers = TimerWheel()
    /// Silent ones that were heard since the last tick.
    private var heardAgain: [Int32] = []
    private var gatewaysHeardAgain: [Int32] = []
    /// Those that have told that they die, since the last tick.
    private var dying: [Int32] = []
    private var gatewaysDying: [Int32] = []
    private var learned = LearnedIntervals()
    private var upCount = 0
    private var lastTickMs = Int64.min
    /// When the first connection came up, after a time with none.
    private var upSinceMs = Int64.min

    public init(parameters: DetectionParameters) { self.parameters = parameters.silence }

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
        lastTickMs = atMs
        reportHeardAgain(atMs: atMs, into: &changes)
        guard upCount > 0 else { return }
        reportDeaths(atMs: atMs, into: &changes)
        while let gateway = gatewayTimers.next(nowMs: atMs) { check(gateway: gateway, nowMs: atMs, into: &changes) }
        while let sensor = sensorTimers.next(nowMs: atMs) { check(sensor: sensor, nowMs: atMs, into: &changes) }
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

// MARK: - Saved state

// Sensors of one gateway depend on each other; beyond that on the connections and the clock alone, which depend on no
// sensor. So the connections, and each gateway with its sensors, can be saved at places of their own in the stream.
extension SilenceMonitor {
    /// Connections and clock.
    public mutating func codeConnections(_ coder: inout StateCoder) {
        let count = coder.codeCount(sources.count)
        if coder.isReading { sources = Array(repeating: SourceState(), count: count) }
        for source in sources.indices { coder.code(&sources[source]) }
        coder.code(&lastTickMs)
        coder.code(&upSinceMs)
        sensorTimers.codeTurn(&coder)
        gatewayTimers.codeTurn(&coder)
        upCount = sources.count { $0.isUp }
    }

    /// One sensor, which has just been added when it is restored.
    public mutating func code(_ sensor: SensorIndex, _ coder: inout StateCoder) {
        coder.code(&sensors[sensor.int])
        sensorTimers.code(sensor.int, &coder)
        guard coder.isReading else { return }
        if sensors[sensor.int].isHeardAgain { heardAgain.append(Int32(sensor.int)) }
        if sensors[sensor.int].isDying { dying.append(Int32(sensor.int)) }
    }

    /// One gateway. When it is restored its sensors may still have to be added: those that the registry has put behind it since
    /// it was saved come with what they were behind.
    public mutating func code(gateway: Int, _ coder: inout StateCoder) {
        makeRoom(forGateway: gateway)
        coder.code(&gateways[gateway])
        gatewayTimers.code(gateway, &coder)
        guard coder.isReading else { return }
        if gateways[gateway].isHeardAgain { gatewaysHeardAgain.append(Int32(gateway)) }
        if gateways[gateway].isDying { gatewaysDying.append(Int32(gateway)) }
    }

    /// When the clock was last told; nil before the first tick.
    public var tickedAtMs: Int64? { lastTickMs == .min ? nil : lastTickMs }
}

// MARK: - A clock that was set back

extension SilenceMonitor {
    /// The daemon's clock had been ahead: what was heard then was heard now at the latest, and everyone has one
    /// allowance again. O(sensors): clocks are seldom set back.
    private mutating func restart(atMs: Int64) {
        let (armedSensors, armedGateways) = (sensorTimers, gatewayTimers)
        (sensorTimers, gatewayTimers) = (TimerWheel(), TimerWheel())
        sensorTimers.grow(to: sensors.count)
        gatewayTimers.grow(to: gateways.count)
        sensorTimers.start(nowMs: atMs)
        gatewayTimers.start(nowMs: atMs)
        upSinceMs = min(upSinceMs, atMs)
        for id in sources.indices { sources[id].upSinceMs = min(sources[id].upSinceMs, atMs) }
        for id in gateways.indices {
            gateways[id].lastHeardMs = min(gateways[id].lastHeardMs, atMs)
            gateways[id].returnedMs = min(gateways[id].returnedMs, atMs)
            if armedGateways.isArmed(id) { arm(gateway: id, dueMs: atMs + gateways[id].allowedMs, nowMs: atMs) }
        }
        for id in sensors.indices {
            sensors[id].lastHeardMs = min(sensors[id].lastHeardMs, atMs)
            if armedSensors.isArmed(id) { arm(sensor: id, dueMs: atMs + sensorAllowanceMs(id), nowMs: atMs) }
        }
    }
}

// MARK: - Hearing

extension SilenceMonitor {
    /// A gap has ended. It is the sensor's own only if neither its connection nor its gateway was away in it.
    private mutating func learnPause(_ id: Int, source: Int, atMs: Int64) {
        let lastMs = sensors[id].lastHeardMs
        guard lastMs != .min, atMs > lastMs, let floorMs = judgedSinceMs(source: Int32(source)), floorMs <= lastMs
        else { return }
        if let gateway = judgedGateway(of: id), gateway.isSilent || gateway.returnedMs > lastMs { return }
        let intervalS = statedS(id)
        sensors[id].pauses.ended(
            afterMs: atMs - lastMs, intervalMs: Int64(intervalS) * 1000, allowedMs: allowanceMs(ofIntervalS: intervalS))
    }

    private mutating func heard(gateway: Int, source: Int, atMs: Int64) {
        gateways[gateway].isDying = false
        if gateways[gateway].isSilent, !gateways[gateway].isHeardAgain {
            gateways[gateway].isHeardAgain = true
            gateways[gateway].returnedMs = atMs
            gatewaysHeardAgain.append(Int32(gateway))
        }
        gateways[gateway].lastHeardMs = max(gateways[gateway].lastHeardMs, atMs)
        gateways[gateway].source = Int32(source)
        guard !gatewayTimers.isArmed(gateway), !gateways[gateway].isSilent else { return }
        gateways[gateway].allowedMs = gatewayAllowanceMs(gateway)
        arm(gateway: gateway, dueMs: atMs + gateways[gateway].allowedMs, nowMs: atMs)
    }

    /// Those that have told that they die and were not heard since: gateways first, by number.
    private mutating func reportDeaths(atMs: Int64, into changes: inout [SilenceChange]) {
        gatewaysDying.sort()
        for gateway in gatewaysDying where gateways[Int(gateway)].isDying {
            let id = Int(gateway)
            (gateways[id].isDying, gateways[id].isSilent) = (false, true)
            changes.append(
                SilenceChange(
                    subject: .gateway(id), isSilent: true, sinceMs: gateways[id].lastHeardMs, allowedMs: 0))
        }
        gatewaysDying.removeAll(keepingCapacity: true)
        dying.sort()
        for sensor in dying where sensors[Int(sensor)].isDying {
            let id = Int(sensor)
            sensors[id].isDying = false
            // What died with its edge node is the node's.
            let gateway = sensors[id].gateway
            if sensors[id].isSilent || (gateway >= 0 && gateways[Int(gateway)].isSilent) { continue }
            sensors[id].isSilent = true
            changes.append(
                SilenceChange(
                    subject: .sensor(SensorIndex(rawValue: UInt32(id))), isSilent: true,
                    sinceMs: sensors[id].lastHeardMs, allowedMs: 0))
        }
        dying.removeAll(keepingCapacity: true)
    }

    private mutating func reportHeardAgain(atMs: Int64, into changes: inout [SilenceChange]) {
        // By number, so that the order in which they were heard is no part of the state.
        gatewaysHeardAgain.sort()
        for gateway in gatewaysHeardAgain {
            let id = Int(gateway)
            gateways[id].isSilent = false
            gateways[id].isHeardAgain = false
            changes.append(
                SilenceChange(
                    subject: .gateway(id), isSilent: false, sinceMs: gateways[id].lastHeardMs,
                    allowedMs: gateways[id].allowedMs))
            arm(gateway: id, dueMs: max(gateways[id].lastHeardMs + gateways[id].allowedMs, atMs + 1), nowMs: atMs)
        }
        gatewaysHeardAgain.removeAll(keepingCapacity: true)
        heardAgain.sort()
        for sensor in heardAgain {
            let id = Int(sensor)
            sensors[id].isSilent = false
            sensors[id].isHeardAgain = false
            let allowedMs = sensorAllowanceMs(id)
            changes.append(
                SilenceChange(
                    subject: .sensor(SensorIndex(rawValue: UInt32(id))), isSilent: false,
                    sinceMs: sensors[id].lastHeardMs, allowedMs: allowedMs))
            arm(sensor: id, dueMs: max(sensors[id].lastHeardMs + allowedMs, atMs + 1), nowMs: atMs)
        }
        heardAgain.removeAll(keepingCapacity: true)
    }
}

// MARK: - Judging

extension SilenceMonitor {
    private mutating func check(gateway id: Int, nowMs: Int64, into changes: inout [SilenceChange]) {
        if gateways[id].announces { return check(announcing: id, nowMs: nowMs, into: &changes) }
        // Too few sensors to judge, or none since they moved away: armed again when next heard.
        guard gateways[id].sensorCount >= parameters.gatewaySensors else { return }
        let allowedMs = gatewayAllowanceMs(id)
        gateways[id].allowedMs = allowedMs
        guard let floorMs = judgedSinceMs(source: gateways[id].source) else {
            return arm(gateway: id, dueMs: nowMs + allowedMs, nowMs: nowMs)
        }
        let dueMs = max(gateways[id].lastHeardMs, floorMs) + allowedMs
        guard dueMs <= nowMs else { return arm(gateway: id, dueMs: dueMs, nowMs: nowMs) }
        gateways[id].isSilent = true
        changes.append(
            SilenceChange(
                subject: .gateway(id), isSilent: true, sinceMs: gateways[id].lastHeardMs, allowedMs: allowedMs))
    }

    /// A gateway that tells when it dies. It may have died unheard while we were away: then it is not born again.
    private mutating func check(announcing id: Int, nowMs: Int64, into changes: inout [SilenceChange]) {
        guard gateways[id].sensorCount > 0, !gateways[id].isSilent else { return }
        let allowedMs = Int64(parameters.shortestGatewayAllowanceS) * 1000
        gateways[id].allowedMs = allowedMs
        guard let floorMs = judgedSinceMs(source: gateways[id].source), gateways[id].lastHeardMs < floorMs else {
            return arm(gateway: id, dueMs: nowMs + allowedMs, nowMs: nowMs)
        }
        guard floorMs + allowedMs <= nowMs else { return arm(gateway: id, dueMs: floorMs + allowedMs, nowMs: nowMs) }
        gateways[id].isSilent = true
        changes.append(
            SilenceChange(
                subject: .gateway(id), isSilent: true, sinceMs: gateways[id].lastHeardMs, allowedMs: allowedMs))
    }

    /// Whether quiet says nothing of this sensor: it speaks of changes, or what it is heard through is known to be dead.
    private func isExcused(_ id: Int) -> Bool {
        let gateway = Int(sensors[id].gateway)
        guard gateway >= 0, gateways[gateway].announces else { return false }
        return sensors[id].givenS == 0 || gateways[gateway].isSilent
    }

    private mutating func check(sensor id: Int, nowMs: Int64, into changes: inout [SilenceChange]) {
        // Its death was told before its time ran out.
        guard !sensors[id].isSilent else { return }
        let allowedMs = sensorAllowanceMs(id)
        if isExcused(id) { return arm(sensor: id, dueMs: nowMs + allowedMs, nowMs: nowMs) }
        let gateway = judgedGateway(of: id)
        guard let floorMs = judgedSinceMs(source: sensors[id].source) else {
            return arm(sensor: id, dueMs: nowMs + allowedMs, nowMs: nowMs)
        }
        let dueMs = max(sensors[id].lastHeardMs, floorMs, gateway?.returnedMs ?? .min) + allowedMs
        guard dueMs <= nowMs else { return arm(sensor: id, dueMs: dueMs, nowMs: nowMs) }
        if let gateway {
            guard !gateway.isSilent else { return arm(sensor: id, dueMs: nowMs + allowedMs, nowMs: nowMs) }
            // The gateway has not spoken since: it may be the one that is silent.
            let knownMs = max(gateway.lastHeardMs, floorMs) + gateway.allowedMs
            if gateway.lastHeardMs < dueMs {
                return arm(sensor: id, dueMs: max(knownMs, nowMs + 1), nowMs: nowMs)
            }
        }
        sensors[id].isSilent = true
        changes.append(
            SilenceChange(
                subject: .sensor(SensorIndex(rawValue: UInt32(id))), isSilent: true,
                sinceMs: sensors[id].lastHeardMs, allowedMs: allowedMs))
    }

    /// Since when silence counts on this connection; nil while it does not.
    private func judgedSinceMs(source: Int32) -> Int64? {
        guard source >= 0, Int(source) < sources.count, sources[Int(source)].wasUp else {
            return upCount > 0 ? upSinceMs : nil
        }
        return sources[Int(source)].isUp ? sources[Int(source)].upSinceMs : nil
    }

    private func judgedGateway(of sensor: Int) -> GatewayState? {
        let gateway = sensors[sensor].gateway
        guard gateway >= 0, gateways[Int(gateway)].sensorCount >= parameters.gatewaySensors else { return nil }
        return gateways[Int(gateway)]
    }

    private func sensorAllowanceMs(_ id: Int) -> Int64 { allowanceMs(ofIntervalS: expectedS(id)) }

    private func allowanceMs(ofIntervalS intervalS: Int32) -> Int64 {
        let intervals = Int64(parameters.missedIntervals) * Int64(intervalS)
        return max(intervals, Int64(parameters.shortestSensorAllowanceS)) * 1000
    }

    /// Walks the gateway's sensors: once an allowance of at least ten minutes, so that it costs each of them next to
    /// nothing.
    private func gatewayAllowanceMs(_ id: Int) -> Int64 {
        var quickest = Int32(clamping: parameters.longestLearnedIntervalS)
        var sensor = gateways[id].firstSensor
        while sensor >= 0 {
            quickest = min(quickest, expectedS(Int(sensor)))
            sensor = sensors[Int(sensor)].nextOfGateway
        }
        return max(
            Int64(parameters.missedIntervals) * Int64(quickest), Int64(parameters.shortestGatewayAllowanceS)) * 1000
    }

    /// The interval that it keeps: the stated one, or that of which it takes the allowed number to pass its pauses.
    private func expectedS(_ id: Int) -> Int32 {
        let pausesS = sensors[id].pauses.silenceMs / 1000 / Int64(parameters.missedIntervals)
        return max(statedS(id), min(Int32(clamping: pausesS), Int32(clamping: parameters.longestLearnedIntervalS)))
    }

    /// The registry's interval, or the learned one.
    private func statedS(_ id: Int) -> Int32 {
        if sensors[id].givenS > 0 { return sensors[id].givenS }
        let longest = Int32(clamping: parameters.longestLearnedIntervalS)
        let learned = sensors[id].cadence.medianS
        return learned > 0 ? min(learned, longest) : longest
    }
}

// MARK: - Bookkeeping

extension SilenceMonitor {
    private mutating func arm(sensor id: Int, dueMs: Int64, nowMs: Int64) {
        // Without a cadence the allowance is days: look again within the hour, when there may be one.
        let isKnown = sensors[id].givenS > 0 || sensors[id].cadence.medianS > 0
        sensorTimers.arm(id, dueMs: isKnown ? dueMs : min(dueMs, nowMs + hourMs), nowMs: nowMs)
    }

    private mutating func arm(gateway id: Int, dueMs: Int64, nowMs: Int64) {
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

    private mutating func makeRoom(forGateway gateway: Int) {
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

    private struct SensorState: Sendable, Equatable, StateCodable, BitwiseCopyable {
        var lastHeardMs = Int64.min
        var cadence = Cadence()
        var pauses = Pauses()
        /// The registry's interval, or 0.
        var givenS: Int32 = 0
        var gateway: Int32 = -1
        var nextOfGateway: Int32 = -1
        var source: Int32 = -1
        var isWatched = false
        var isSilent = false
        var isHeardAgain = false
        var isDying = false
        mutating func hear(source: Int, atMs: Int64) {
            lastHeardMs = max(lastHeardMs, atMs)
            self.source = Int32(source)
            if givenS == 0 { cadence.heard(atMs: atMs) }
        }

        /// The registry's part and the chain of its gateway's sensors are told anew at each start. What is last may be
        /// missing: it is learned again.
        mutating func code(_ coder: inout StateCoder) {
            coder.code(&lastHeardMs)
            coder.code(&cadence)
            coder.code(&source)
            coder.code(&isSilent)
            coder.code(&isHeardAgain)
            coder.code(&pauses)
            coder.code(&isDying)
        }
    }

    private struct GatewayState: Sendable, Equatable, StateCodable, BitwiseCopyable {
        var lastHeardMs = Int64.min
        var returnedMs = Int64.min
        var allowedMs: Int64 = 0
        var firstSensor: Int32 = -1
        var source: Int32 = -1
        var sensorCount: Int32 = 0
        var isSilent = false
        var isHeardAgain = false
        var isDying = false
        /// Whether it tells when it dies. The registry's part: told anew at each start.
        var announces = false

        mutating func code(_ coder: inout StateCoder) {
            coder.code(&lastHeardMs)
            coder.code(&returnedMs)
            coder.code(&allowedMs)
            coder.code(&source)
            coder.code(&isSilent)
            coder.code(&isHeardAgain)
            coder.code(&isDying)
        }
    }

    private struct SourceState: Sendable, Equatable, StateCodable, BitwiseCopyable {
        var upSinceMs = Int64.min
        var isUp = false
        var wasUp = false

        mutating func code(_ coder: inout StateCoder) {
            coder.code(&upSinceMs)
            coder.code(&isUp)
            coder.code(&wasUp)
        }
    }
}
