internal import Detection
internal import Incidents
internal import Readings

// What is odd about the times of readings, told once a minute a sensor, and what that tells of clocks.
extension StreamProcessor {
    /// Shows a late reading, or a second one of a moment, to what watches its sensor's clock.
    ///
    /// History opens and closes nothing on the street; but one that goes on coming is the sign of a clock that was set back.
    mutating func judgeClock(_ reading: Reading, into batch: CommitBatch) {
        guard !reading.flags.contains(.retried) else { return }
        lanes[reading.sensor.int].monitor.observeClock(reading, active: book.active(reading.sensor), into: &verdicts)
        applyVerdicts(on: reading, into: batch)
    }

    /// - Parameter reading: one behind its sensor's watermark.
    mutating func noteLate(_ reading: Reading, into batch: CommitBatch) {
        let lane = reading.sensor.int
        let behindMs = lanes[lane].watermarkMs - reading.observedAtMs
        let report = lanes[lane].note { $0.late.note(offMs: behindMs, atMs: reading.arrivedAtMs) }
        guard let report else { return }
        tell(.readingLate, reading, report, "behind newer ones of the sensor: history, not judged", into: batch)
    }

    /// - Parameter claimedMs: the time that the reading came with.
    mutating func noteClamped(_ reading: Reading, claimedMs: Int64, into batch: CommitBatch) {
        let aheadMs = claimedMs - reading.arrivedAtMs
        let report = lanes[reading.sensor.int].note { $0.clamped.note(offMs: aheadMs, atMs: reading.arrivedAtMs) }
        guard let report else { return }
        tell(.readingClamped, reading, report, "ahead of our clock: taken at the time of arrival", into: batch)
    }

    private func tell(
        _ event: Decision.Event, _ reading: Reading, _ report: OddTimes.Report, _ what: String,
        into batch: CommitBatch
    ) {
        let seconds = report.farthestMs / 1000
        let sensor = directory[reading.sensor]
        batch.decisions.append(
            Decision(
                event, atMs: reading.arrivedAtMs, sensorID: sensor.id, ward: sensor.ward, count: report.count,
                reason: report.count == 1
                    ? "its reading is \(seconds) s \(what)" : "\(report.count) readings, up to \(seconds) s \(what)"))
    }
}

extension ReadingFlags {
    /// The event time is that of the arrival, whatever the reason.
    static let timedByArrival: ReadingFlags = [.arrivalTime, .clockAhead]
}
