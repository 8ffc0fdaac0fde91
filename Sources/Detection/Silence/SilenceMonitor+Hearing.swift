internal import Readings

// Who was heard, and what follows: pauses that are learned, deaths that were told, silence that has ended.
extension SilenceMonitor {
    /// A gap has ended. It is the sensor's own only if neither its connection nor its gateway was away in it, nor we: after a
    /// pause of ours, what has waited is met before the tick that tells of it.
    mutating func learnPause(_ id: Int, source: Int, atMs: Int64) {
        let lastMs = sensors[id].lastHeardMs
        guard lastMs != .min, atMs > lastMs, let floorMs = judgedSinceMs(source: Int32(source)), floorMs <= lastMs
        else { return }
        guard lastTickMs == .min || atMs - lastTickMs <= longestStepMs else { return }
        if let gateway = judgedGateway(of: id), gateway.isSilent || gateway.returnedMs > lastMs { return }
        let intervalS = statedS(id)
        sensors[id].pauses.ended(
            afterMs: atMs - lastMs, intervalMs: Int64(intervalS) * 1000, allowedMs: allowanceMs(ofIntervalS: intervalS))
    }

    mutating func heard(gateway: Int, source: Int, atMs: Int64) {
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
    mutating func reportDeaths(atMs: Int64, into changes: inout [SilenceChange]) {
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

    mutating func reportHeardAgain(atMs: Int64, into changes: inout [SilenceChange]) {
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
