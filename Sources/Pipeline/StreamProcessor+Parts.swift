internal import Incidents
internal import Readings

// Intervals that come in several messages.
extension StreamProcessor {
    /// A part of an interval: stored as it came, so that it may be acknowledged; judged when the interval is whole.
    mutating func takePart(_ arriving: Reading, into batch: CommitBatch) {
        var reading = arriving
        let lane = reading.sensor.int
        let isPossible = reading.observedAtMs <= reading.arrivedAtMs + configuration.clockAheadLimitMs
        // Nothing can be put together of a time that can't be.
        guard isPossible, lanes[lane].recent.finding(reading) == .new else {
            if isPossible { tallies.duplicates += 1 } else { tallies.clockAhead += 1 }
            return hearAgain(reading, into: batch)
        }
        guard allows(reading) else { return shed(reading, into: batch) }
        sequence += 1
        // Whatever the watermark is: a part is nobody's present.
        reading.flags.remove(.late)
        tallies.readings += 1
        rememberPart(reading, at: sequence)
        batch.readings.append(LoggedReading(sequence: sequence, reading: reading))
        guard case .whole(let endMs, let flow, let speed) = fold(reading) else { return }
        let whole = { (quantity: Quantity, value: Double) in
            Reading(
                sensor: reading.sensor, quantity: quantity, observedAtMs: endMs, arrivedAtMs: reading.arrivedAtMs,
                value: value, source: reading.source)
        }
        if let speed { take(whole(.speed, speed), into: batch) }
        take(whole(.vehicleFlow, flow), into: batch)
    }

    /// A part from the log. What it made whole stands in the log itself.
    mutating func recoverPart(_ logged: LoggedReading) {
        rememberPart(logged.reading, at: logged.sequence)
        _ = fold(logged.reading)
    }

    private mutating func rememberPart(_ reading: Reading, at sequence: Int64) {
        hear(reading.sensor, source: Int(reading.source), atMs: reading.arrivedAtMs)
        memorize(reading, at: sequence)
    }

    private mutating func fold(_ reading: Reading) -> IntervalParts.Outcome {
        let lane = reading.sensor.int
        let before = lanes[lane].parts.incomplete
        defer { tallies.incomplete += lanes[lane].parts.incomplete - before }
        return lanes[lane].parts.take(reading)
    }
}
