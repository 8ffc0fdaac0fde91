public import Incidents
internal import Readings

// Messages that were in quarantine and can be read today.
extension StreamProcessor {
    /// Takes a message in: all of it, or nothing when policy refuses one of its sensors.
    ///
    /// Its readings are history: nothing is judged by them, and no sensor counts as heard. What the stream has brought
    /// already, by another delivery or another sensor of the same message, is known by its content.
    public mutating func take(_ message: RetriedMessage, into batch: CommitBatch) {
        var sensors: [SensorIndex] = []
        for mention in message.sensors {
            let introduction = Introduction(
                id: mention.id, kind: mention.kind, route: message.route, topic: message.topic)
            switch admit(introduction, nowMs: message.atMs, into: batch) {
            case .admitted(let index): sensors.append(index)
            case .refused(let reason):
                batch.retried.append(
                    RetriedOutcome(id: message.id, result: .refused(reason, sensor: mention.id)))
                return
            }
        }
        var count = 0
        for measurement in message.readings {
            var reading = Reading(
                sensor: sensors[Int(measurement.sensor)], quantity: measurement.quantity,
                observedAtMs: measurement.observedAtMs, arrivedAtMs: message.atMs, value: measurement.value,
                counter: measurement.counter, flags: [.late, .retried])
            // By the clock of its arrival: what was far ahead then is not right because it has passed by now.
            if reading.observedAtMs > message.arrivedAtMs + configuration.clockAheadLimitMs {
                reading.claimedS = UInt32(clamping: reading.observedAtMs / 1000)
                reading.observedAtMs = message.arrivedAtMs
                reading.flags.insert(.clockAhead)
            }
            if keep(reading, into: batch) { count += 1 }
        }
        batch.retried.append(RetriedOutcome(id: message.id, result: .read(readings: count)))
    }

    /// Logs a reading that is history only. False when it is known.
    private mutating func keep(_ arriving: Reading, into batch: CommitBatch) -> Bool {
        var reading = arriving
        switch lanes[reading.sensor.int].recent.finding(reading) {
        case .duplicate:
            tallies.duplicates += 1
            return false
        case .conflict:
            reading.flags.insert(.conflict)
            tallies.conflicts += 1
        case .new:
            tallies.late += 1
        }
        sequence += 1
        tallies.readings += 1
        recall(reading, at: sequence)
        batch.readings.append(LoggedReading(sequence: sequence, reading: reading))
        return true
    }

    /// Remembers that a retried reading is known, live and in replay.
    mutating func recall(_ reading: Reading, at sequence: Int64) {
        lanes[reading.sensor.int].recent.remember(
            reading, at: sequence, horizonMs: configuration.dedupHorizonMs)
    }
}
