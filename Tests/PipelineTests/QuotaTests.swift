import Incidents
import Pipeline
import Readings
import Testing

/// One flooding device is shed by name; nobody else is, and no honest device.
@Suite struct QuotaTests {
    /// 2 readings a second, 10 at once.
    private func stream() -> Stream {
        Stream {
            $0.readingsPerSecond = 2
            $0.readingBurst = 10
        }
    }

    private func reading(_ sensor: SensorIndex, observedMs: Int64, arrivedMs: Int64) -> Reading {
        Reading(
            sensor: sensor, quantity: .generic, observedAtMs: Stream.start + observedMs,
            arrivedAtMs: Stream.start + arrivedMs, value: Double(observedMs))
    }

    /// How many of `count` readings are stored.
    private func stored(
        _ count: Int64, everyMs: Int64, arrivingEveryMs: Int64, backwards: Bool = false, after past: Int64 = 0
    ) -> Int {
        var stream = stream()
        let sensor = stream.adopt("s", .generic)
        let batch = stream.batch()
        if past > 0 { stream.processor.take(reading(sensor, observedMs: past, arrivedMs: past), into: batch) }
        for number in 0..<count {
            let step = backwards ? count - number : number
            stream.processor.take(
                reading(sensor, observedMs: step * everyMs, arrivedMs: past + number * arrivingEveryMs), into: batch)
        }
        return batch.readings.count - (past > 0 ? 1 : 0)
    }

    @Test func aFloodIsStoredUpToTheBurstAndThenAtTheRate() {
        // Ten seconds at 1,000 readings a second.
        let kept = stored(10_000, everyMs: 1, arrivingEveryMs: 1)
        #expect((28...31).contains(kept))
    }

    @Test func aDeviceWithinItsRateLosesNothing() {
        #expect(stored(1000, everyMs: 500, arrivingEveryMs: 500) == 1000)
    }

    @Test func whatWasKeptDuringAnOutageIsNoFlood() {
        #expect(stored(5000, everyMs: 60_000, arrivingEveryMs: 0, after: 5000 * 60_000) == 5000)
    }

    @Test func backFillBehindTheNewestReadingIsNoFlood() {
        #expect(stored(1440, everyMs: 60_000, arrivingEveryMs: 1, after: 1440 * 60_000) == 1440)
    }

    @Test func arrivalThatGoesBackIsNoFlood() {
        var stream = stream()
        let sensor = stream.adopt("s", .generic)
        let batch = stream.batch()
        // Another connection was read first, or our clock was set back: 10 readings of each of three moments.
        for minute in [10, 5, 1] as [Int64] {
            for number in 0..<10 as Range<Int64> {
                let ms = minute * 60_000 + number
                stream.processor.take(reading(sensor, observedMs: ms, arrivedMs: ms), into: batch)
            }
        }
        #expect(batch.readings.count == 30)
    }

    @Test func othersAreUntouchedByAFlood() {
        var stream = stream()
        let (loud, calm) = (stream.adopt("loud", .generic), stream.adopt("calm", .generic))
        let batch = stream.batch()
        for ms in 0..<60_000 as Range<Int64> {
            stream.processor.take(reading(loud, observedMs: ms, arrivedMs: ms), into: batch)
            if ms % 1000 == 0 { stream.processor.take(reading(calm, observedMs: ms, arrivedMs: ms), into: batch) }
        }
        #expect(batch.readings.count { $0.reading.sensor == calm } == 60)
        #expect(stream.processor.tallies.shed > 59_000)
    }

    @Test func whatIsShedIsNamedAtOnceAndThenOnceAMinute() {
        var stream = stream()
        let loud = stream.adopt("loud", .generic)
        let batch = stream.batch()
        for ms in 0..<180_000 as Range<Int64> {
            stream.processor.take(reading(loud, observedMs: ms, arrivedMs: ms), into: batch)
        }
        let reports = batch.decisions.filter { $0.event == .sensorShed }
        #expect(reports.count == 3)
        #expect(reports.allSatisfy { $0.sensorID == "loud" })
        #expect(reports[1].reason.contains("readings above its quota were not stored"))
    }

    @Test func aFloodingSensorIsStillHeard() {
        var stream = stream()
        let loud = stream.adopt("loud", .generic)
        let batch = stream.batch()
        for ms in 0..<120_000 as Range<Int64> {
            // Always the same moment by its own clock: nothing of it is within the quota for long.
            stream.processor.take(reading(loud, observedMs: ms / 1000, arrivedMs: ms), into: batch)
        }
        #expect(!batch.readings.isEmpty)
        #expect(batch.readings.last.map { $0.reading.arrivedAtMs > Stream.start + 110_000 } == true)
    }

    @Test func afterReplayTheQuotaStandsWhereItStood() {
        var stream = stream()
        let sensor = stream.adopt("s", .generic)
        let batch = stream.batch()
        for ms in 0..<5000 as Range<Int64> {
            stream.processor.take(reading(sensor, observedMs: ms, arrivedMs: ms), into: batch)
        }
        var again = self.stream()
        _ = again.processor.recover(Sensor(id: "s", kind: .generic), sequence: 1)
        for logged in batch.readings { again.processor.recover(logged, discarding: CommitBatch()) }
        let (live, replayed) = (stream.batch(), again.batch())
        for ms in 5000..<20_000 as Range<Int64> {
            stream.processor.take(reading(sensor, observedMs: ms, arrivedMs: ms), into: live)
            again.processor.take(reading(sensor, observedMs: ms, arrivedMs: ms), into: replayed)
        }
        #expect(live.readings.map(\.reading) == replayed.readings.map(\.reading))
    }
}
