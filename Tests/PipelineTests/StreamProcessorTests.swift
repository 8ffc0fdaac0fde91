import Detection
import Incidents
import Pipeline
import Readings
import Testing

@Suite struct StreamProcessorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Event minute, arrival minute, value.
        var readings: [(event: Int64, arrival: Int64, value: Double)]
        /// Event minute and flags of what is stored.
        var stored: [(event: Int64, flags: ReadingFlags)]
        var tallies: (duplicates: Int, conflicts: Int, late: Int, clockAhead: Int) = (0, 0, 0, 0)
    }

    @Test(arguments: [
        Case(testDescription: "in order", readings: [(0, 0, 1), (5, 5, 2)], stored: [(0, []), (5, [])]),
        Case(
            testDescription: "delivered twice is stored once", readings: [(0, 0, 1), (5, 5, 2), (5, 6, 2), (0, 7, 1)],
            stored: [(0, []), (5, [])], tallies: (2, 0, 0, 0)),
        Case(
            testDescription: "another value for the same moment is a conflict", readings: [(0, 0, 1), (0, 1, 9)],
            stored: [(0, []), (0, .conflict)], tallies: (0, 1, 0, 0)),
        Case(
            testDescription: "behind the watermark is late", readings: [(10, 10, 1), (5, 11, 2)],
            stored: [(10, []), (5, .late)], tallies: (0, 0, 1, 0)),
        Case(
            testDescription: "a late one delivered twice is stored once",
            readings: [(10, 10, 1), (5, 11, 2), (5, 12, 2)],
            stored: [(10, []), (5, .late)], tallies: (1, 0, 1, 0)),
        Case(
            testDescription: "five minutes ahead is still believed", readings: [(5, 0, 1)], stored: [(5, [])]),
        Case(
            testDescription: "further ahead is taken at its arrival", readings: [(600, 0, 1), (5, 5, 2)],
            stored: [(0, .clockAhead), (5, [])], tallies: (0, 0, 0, 1)),
    ])
    func ordersAndDeduplicates(_ c: Case) {
        var stream = Stream()
        let sensor = stream.adopt("flow-1", .waterLeak)
        let batch = stream.batch()
        for reading in c.readings {
            stream.processor.take(
                Reading(
                    sensor: sensor, quantity: .flow, observedAtMs: Stream.at(reading.event),
                    arrivedAtMs: Stream.at(reading.arrival), value: reading.value), into: batch)
        }
        #expect(batch.readings.map(\.reading.observedAtMs) == c.stored.map { Stream.at($0.event) })
        #expect(batch.readings.map(\.reading.flags) == c.stored.map(\.flags))
        let tallies = stream.processor.tallies
        #expect(tallies.duplicates == c.tallies.duplicates)
        #expect(tallies.conflicts == c.tallies.conflicts)
        #expect(tallies.late == c.tallies.late)
        #expect(tallies.clockAhead == c.tallies.clockAhead)
    }

    @Test func severalQuantitiesOfOneMomentAreNoDuplicates() {
        var stream = Stream()
        let sensor = stream.adopt("tr-1", .traffic)
        let batch = stream.batch()
        for quantity in [Quantity.speed, .occupancy, .vehicleFlow, .speed] {
            stream.processor.take(stream.reading(sensor, quantity, minute: 0, value: 40), into: batch)
        }
        #expect(batch.readings.map(\.reading.quantity) == [.speed, .occupancy, .vehicleFlow])
    }

    @Test func oneDevicesBadClockMakesNoOthersReadingsLate() {
        var stream = Stream()
        let (fast, good) = (stream.adopt("fast", .waterLeak), stream.adopt("good", .waterLeak))
        let batch = stream.batch()
        stream.processor.take(stream.reading(fast, .flow, minute: 4, value: 1, arrival: 0), into: batch)
        stream.processor.take(stream.reading(good, .flow, minute: 0, value: 1), into: batch)
        #expect(batch.readings.map(\.reading.flags) == [[], []])
    }

    @Test func sequencesRiseByOneForEverythingLogged() {
        var stream = Stream()
        let sensor = stream.adopt("flow-1", .waterLeak)
        let batch = stream.batch()
        stream.processor.take(stream.reading(sensor, .flow, minute: 0, value: 1), into: batch)
        stream.processor.tick(atMs: Stream.at(1), into: batch)
        stream.processor.connection(isUp: false, source: 1, atMs: Stream.at(2), into: batch)
        stream.processor.take(stream.reading(sensor, .flow, minute: 3, value: 1), into: batch)
        #expect(batch.readings.map(\.sequence) == [2, 5])
        #expect(batch.events.map(\.sequence) == [3, 4])
    }

    @Test func memoryOfTimesIsBoundedAndStillCatchesTheRecentOnes() {
        var stream = Stream()
        let sensor = stream.adopt("fast", .waterLeak)
        let batch = stream.batch()
        // One a second for an hour: more than is remembered, all within the horizon.
        for second in 0..<3600 {
            let at = Stream.at(0) + Int64(second) * 1000
            stream.processor.take(
                Reading(sensor: sensor, quantity: .flow, observedAtMs: at, arrivedAtMs: at, value: 1), into: batch)
        }
        let again = Stream.at(0) + 3590 * 1000
        stream.processor.take(
            Reading(sensor: sensor, quantity: .flow, observedAtMs: again, arrivedAtMs: again, value: 1), into: batch)
        #expect(batch.readings.count == 3600)
        #expect(stream.processor.tallies.duplicates == 1)
    }
}
