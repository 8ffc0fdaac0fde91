import Incidents
import Pipeline
import Readings
import Testing

/// What a broker delivers again, or a device sends again, is stored once.
@Suite struct RepetitionTests {
    /// A reading without a time of its own, as it arrives.
    private func untimed(
        _ sensor: SensorIndex, _ value: Double, atSecond second: Int64, counter: Int32 = -1,
        quantity: Quantity = .fill
    ) -> Reading {
        let atMs = Stream.start + second * 1000
        return Reading(
            sensor: sensor, quantity: quantity, observedAtMs: atMs, arrivedAtMs: atMs, value: value, counter: counter,
            flags: .arrivalTime)
    }

    private func ahead(_ sensor: SensorIndex, _ value: Double, claims minute: Int64, atSecond second: Int64) -> Reading
    {
        Reading(
            sensor: sensor, quantity: .fill, observedAtMs: Stream.at(minute), arrivedAtMs: Stream.start + second * 1000,
            value: value)
    }

    @Test func theFrameCounterTellsWhatHasNoTimeOfItsOwn() {
        var stream = Stream()
        let bin = stream.adopt("bin-1", .binFill)
        let batch = stream.batch()
        for counter: Int32 in [7, 8, 9] {
            stream.processor.take(untimed(bin, 40, atSecond: Int64(counter), counter: counter), into: batch)
        }
        for counter: Int32 in [8, 9] {
            stream.processor.take(untimed(bin, 40, atSecond: 60, counter: counter), into: batch)
        }
        stream.processor.take(untimed(bin, 40, atSecond: 61, counter: 10), into: batch)
        #expect(batch.readings.map(\.reading.counter) == [7, 8, 9, 10])
        #expect(stream.processor.tallies.duplicates == 2)
    }

    @Test func eachQuantityOfOneFrameIsNew() {
        var stream = Stream()
        let road = stream.adopt("road-1", .traffic)
        let batch = stream.batch()
        for _ in 0..<2 {
            for quantity in [Quantity.speed, .occupancy, .vehicleFlow] {
                stream.processor.take(untimed(road, 30, atSecond: 5, counter: 3, quantity: quantity), into: batch)
            }
        }
        #expect(batch.readings.map(\.reading.quantity) == [.speed, .occupancy, .vehicleFlow])
        #expect(Set(batch.readings.map(\.reading.observedAtMs)).count == 1)
    }

    @Test func aCounterThatBeginsAnewWithOtherValuesIsNoRepetition() {
        var stream = Stream()
        let bin = stream.adopt("bin-1", .binFill)
        let batch = stream.batch()
        for (second, counter) in [500, 501, 0, 1, 2].enumerated() {
            stream.processor.take(
                untimed(bin, Double(second), atSecond: Int64(second), counter: Int32(counter)), into: batch)
        }
        #expect(batch.readings.map(\.reading.counter) == [500, 501, 0, 1, 2])
    }

    @Test func messagesOfOneInstantWithoutTimeOrCounterAreAllKeptInOrder() {
        var stream = Stream()
        let bin = stream.adopt("bin-1", .binFill)
        let batch = stream.batch()
        for value in [10.0, 10, 12] { stream.processor.take(untimed(bin, value, atSecond: 1), into: batch) }
        #expect(batch.readings.map(\.reading.value) == [10, 10, 12])
        let first = Stream.start + 1000
        #expect(batch.readings.map(\.reading.observedAtMs) == [first, first + 1, first + 2])
    }

    @Test func afterOurClockHadBeenAheadReadingsWithoutATimeComeBackToThePresent() {
        var stream = Stream()
        let bin = stream.adopt("bin-1", .binFill)
        let batch = stream.batch()
        // A day ahead, then right, then right a minute later.
        for second in [86_400, 10, 70] as [Int64] {
            stream.processor.take(untimed(bin, 40, atSecond: second, counter: Int32(second % 1000)), into: batch)
        }
        #expect(batch.readings.map(\.reading.observedAtMs) == [86_400, 10, 70].map { Stream.start + $0 * 1000 })
        #expect(batch.readings.last?.reading.flags.contains(.late) == false)
    }

    @Test func aTimeInTheFutureIsKnownAgainAlthoughItIsTakenAtArrival() {
        var stream = Stream()
        let bin = stream.adopt("bin-1", .binFill)
        let batch = stream.batch()
        stream.processor.take(ahead(bin, 40, claims: 60, atSecond: 0), into: batch)
        stream.processor.take(ahead(bin, 40, claims: 60, atSecond: 90), into: batch)
        stream.processor.take(ahead(bin, 41, claims: 61, atSecond: 95), into: batch)
        #expect(batch.readings.map(\.reading.value) == [40, 41])
        #expect(batch.readings.map(\.reading.observedAtMs) == [Stream.start, Stream.start + 95_000])
        #expect(batch.readings.allSatisfy { $0.reading.flags.contains(.clockAhead) })
        #expect(stream.processor.tallies.duplicates == 1)
    }

    @Test(arguments: [(first: Int64(0), again: Int64(120)), (120, 0)])
    func aTimeThatWasTooFarAheadAtOneDeliveryOnlyIsKnownAtTheOther(_ seconds: (first: Int64, again: Int64)) {
        var stream = Stream()
        let bin = stream.adopt("bin-1", .binFill)
        let batch = stream.batch()
        // Six minutes ahead at second 0, four at second 120; five are allowed.
        stream.processor.take(ahead(bin, 40, claims: 6, atSecond: seconds.first), into: batch)
        stream.processor.take(ahead(bin, 40, claims: 6, atSecond: seconds.again), into: batch)
        #expect(batch.readings.count == 1)
        #expect(stream.processor.tallies.duplicates == 1)
    }

    @Test func whatABrokerDeliversAgainFromABacklogIsKnownHoweverOldItIs() {
        var stream = Stream()
        let bins = (0..<10).map { stream.adopt("bin-\($0)", .binFill) }
        let batch = stream.batch()
        // A day's backlog in one minute; then all of it once more, as after a lost connection.
        for _ in 0..<2 {
            for minute in stride(from: Int64(0), to: 1440, by: 5) {
                for bin in bins {
                    stream.processor.take(
                        stream.reading(bin, .fill, minute: minute, value: Double(minute), arrival: 1440), into: batch)
                }
            }
        }
        #expect(batch.readings.count == 2880)
        #expect(stream.processor.tallies.duplicates == 2880)
    }

    private func frame(_ sensor: SensorIndex, _ counter: UInt32, atSecond second: Int64) -> SensorFrame {
        let atMs = Stream.start + second * 1000
        return SensorFrame(
            sensor: sensor, counter: counter, session: 7, atMs: atMs, arrivedAtMs: atMs, rssiDBm: -90, snrDB: 5)
    }

    private func timed(_ sensor: SensorIndex, _ value: Double, atSecond second: Int64, counter: Int32) -> Reading {
        let atMs = Stream.start + second * 1000
        return Reading(
            sensor: sensor, quantity: .fill, observedAtMs: atMs, arrivedAtMs: atMs, value: value, counter: counter)
    }

    /// A device that has no answer sends its frame again; the server gives it the time at which it came again.
    @Test func aFrameThatComesAgainAtAnotherTimeIsStoredOnce() {
        var stream = Stream()
        let bin = stream.adopt("bin-1", .binFill)
        let batch = stream.batch()
        for (second, counter) in [(0, 7), (5, 7), (20, 8), (22, 8), (21, 7), (300, 9)] as [(Int64, UInt32)] {
            stream.processor.take(frame(bin, counter, atSecond: second))
            stream.processor.take(timed(bin, 40, atSecond: second, counter: Int32(counter)), into: batch)
        }
        #expect(batch.readings.map(\.reading.counter) == [7, 8, 9])
        #expect(stream.processor.tallies.duplicates == 3)
    }

    /// A home-made gateway that always writes the same number must not cost its readings.
    @Test func aDevicesOwnCountThatStandsStillMakesNothingARepetition() {
        var stream = Stream()
        let bin = stream.adopt("bin-1", .binFill)
        let batch = stream.batch()
        for second in [Int64(0), 5, 20] {
            var own = frame(bin, 7, atSecond: second)
            own.isDevices = true
            stream.processor.take(own)
            stream.processor.take(timed(bin, 40, atSecond: second, counter: 7), into: batch)
        }
        #expect(batch.readings.count == 3)
        stream.processor.noteHearing(into: batch)
        #expect(batch.links.first?.counts.duplicated == 2)
    }

    /// The frame is known from before a crash, what it said is not.
    @Test func aRepetitionOfAFrameWhoseReadingsWereLostIsKept() {
        var stream = Stream()
        let bin = stream.adopt("bin-1", .binFill)
        let batch = stream.batch()
        stream.processor.take(frame(bin, 7, atSecond: 0))
        stream.processor.take(frame(bin, 7, atSecond: 5))
        stream.processor.take(timed(bin, 40, atSecond: 5, counter: 7), into: batch)
        #expect(batch.readings.map(\.reading.counter) == [7])
    }

    @Test func anotherFrameWithTheSameValueIsNoRepetition() {
        var stream = Stream()
        let bin = stream.adopt("bin-1", .binFill)
        let batch = stream.batch()
        for counter: Int32 in [7, 8, 9] {
            stream.processor.take(frame(bin, UInt32(counter), atSecond: Int64(counter)))
            stream.processor.take(timed(bin, 40, atSecond: Int64(counter), counter: counter), into: batch)
        }
        #expect(batch.readings.map(\.reading.counter) == [7, 8, 9])
        // Not even one that came late, between them.
        stream.processor.take(frame(bin, 20, atSecond: 30))
        stream.processor.take(frame(bin, 12, atSecond: 12))
        stream.processor.take(timed(bin, 40, atSecond: 12, counter: 12), into: batch)
        #expect(batch.readings.map(\.reading.counter) == [7, 8, 9, 12])
    }

    @Test func whatReplayHasMetIsKnownAgain() {
        var stream = Stream()
        let bin = stream.adopt("bin-1", .binFill)
        let batch = stream.batch()
        stream.processor.take(ahead(bin, 40, claims: 60, atSecond: 0), into: batch)
        stream.processor.take(untimed(bin, 41, atSecond: 1, counter: 7), into: batch)
        var again = Stream()
        _ = again.processor.recover(Sensor(id: "bin-1", kind: .binFill), sequence: 1)
        for logged in batch.readings { again.processor.recover(logged, discarding: CommitBatch()) }
        let after = again.batch()
        again.processor.take(ahead(bin, 40, claims: 60, atSecond: 30), into: after)
        again.processor.take(untimed(bin, 41, atSecond: 31, counter: 7), into: after)
        #expect(after.readings.isEmpty)
        #expect(again.processor.tallies.duplicates == 2)
    }

    @Test func aConflictingRepetitionKeepsTheFirstAndIsRecorded() {
        var stream = Stream()
        let bin = stream.adopt("bin-1", .binFill)
        let batch = stream.batch()
        for value in [40.0, 41, 40, 41] {
            stream.processor.take(stream.reading(bin, .fill, minute: 0, value: value), into: batch)
        }
        #expect(batch.readings.map(\.reading.value) == [40, 41])
        #expect(batch.readings.map(\.reading.flags) == [[], .conflict])
        #expect(stream.processor.tallies.conflicts == 1)
        #expect(stream.processor.tallies.duplicates == 2)
    }
}
