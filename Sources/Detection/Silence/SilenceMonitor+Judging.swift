internal import Readings

// Whose time has run out, and whether that is a silence of its own.
extension SilenceMonitor {
    mutating func check(gateway id: Int, nowMs: Int64, into changes: inout [SilenceChange]) {
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
        // A pause of ours is no reason to be born again.
        guard let floorMs = connectedSinceMs(source: gateways[id].source), gateways[id].lastHeardMs < floorMs else {
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

    mutating func check(sensor id: Int, nowMs: Int64, into changes: inout [SilenceChange]) {
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
    func judgedSinceMs(source: Int32) -> Int64? { connectedSinceMs(source: source).map { max($0, awakeSinceMs) } }

    /// Since when this connection is up, or where it is not known any of them; nil while it is not.
    private func connectedSinceMs(source: Int32) -> Int64? {
        guard source >= 0, Int(source) < sources.count, sources[Int(source)].wasUp else {
            return upCount > 0 ? upSinceMs : nil
        }
        return sources[Int(source)].isUp ? sources[Int(source)].upSinceMs : nil
    }

    func judgedGateway(of sensor: Int) -> GatewayState? {
        let gateway = sensors[sensor].gateway
        guard gateway >= 0, gateways[Int(gateway)].sensorCount >= parameters.gatewaySensors else { return nil }
        return gateways[Int(gateway)]
    }

    func sensorAllowanceMs(_ id: Int) -> Int64 { allowanceMs(ofIntervalS: expectedS(id)) }

    func allowanceMs(ofIntervalS intervalS: Int32) -> Int64 {
        let intervals = Int64(parameters.missedIntervals) * Int64(intervalS)
        return max(intervals, Int64(parameters.shortestSensorAllowanceS)) * 1000
    }

    /// Walks the gateway's sensors: once an allowance of at least ten minutes, so that it costs each of them next to
    /// nothing.
    func gatewayAllowanceMs(_ id: Int) -> Int64 {
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
    func statedS(_ id: Int) -> Int32 {
        if sensors[id].givenS > 0 { return sensors[id].givenS }
        let longest = Int32(clamping: parameters.longestLearnedIntervalS)
        let learned = sensors[id].cadence.medianS
        return learned > 0 ? min(learned, longest) : longest
    }
}

extension SilenceMonitor {
    /// The daemon's clock had been ahead: what was heard then was heard now at the latest, and everyone has one
    /// allowance again. O(sensors): clocks are seldom set back.
    mutating func restart(atMs: Int64) {
        let (armedSensors, armedGateways) = (sensorTimers, gatewayTimers)
        (sensorTimers, gatewayTimers) = (TimerWheel(), TimerWheel())
        sensorTimers.grow(to: sensors.count)
        gatewayTimers.grow(to: gateways.count)
        sensorTimers.start(nowMs: atMs)
        gatewayTimers.start(nowMs: atMs)
        upSinceMs = min(upSinceMs, atMs)
        awakeSinceMs = min(awakeSinceMs, atMs)
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
