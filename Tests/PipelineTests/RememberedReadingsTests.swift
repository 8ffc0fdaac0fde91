import Incidents
import Pipeline
import Readings
import Simulation
import Testing

/// What a sensor is remembered by is packed, grows by halves and is given back: none of that may show.
@Suite struct RememberedReadingsTests {
    private func reading(
        _ sensor: SensorIndex, _ quantity: Quantity = .wetness, afterMs: Int64, value: Double = 0
    ) -> Reading {
        let atMs = Stream.start + afterMs
        return Reading(sensor: sensor, quantity: quantity, observedAtMs: atMs, arrivedAtMs: atMs, value: value)
    }

    @Test(arguments: Quantity.allCases.filter { !$0.isPart })
    func eachQuantityIsKnownAgain(_ quantity: Quantity) {
        var stream = Stream()
        let batch = stream.batch()
        let sensor = stream.adopt("sensor-1", .waterLeak)
        for _ in 0..<2 { stream.processor.take(reading(sensor, quantity, afterMs: 1, value: 0.125), into: batch) }
        stream.processor.take(reading(sensor, quantity, afterMs: 1, value: 0.25), into: batch)
        #expect((stream.processor.tallies.duplicates, stream.processor.tallies.conflicts) == (1, 1))
    }

    /// Reads the same as a plain list of all that was ever said, in whatever order it comes.
    @Test(arguments: 1...4 as ClosedRange<UInt64>) func agreesWithAPlainList(_ seed: UInt64) {
        struct Key: Hashable {
            var atMs: Int64
            var quantity: Quantity
        }
        var random = SeededGenerator(seed: seed)
        var stream = Stream {
            $0.readingsPerSecond = 1e9
            $0.readingBurst = 1_000_000
        }
        let sensor = stream.adopt("sensor-1", .waterLeak)
        let batch = stream.batch()
        var said: [Key: Set<Double>] = [:]
        var (duplicates, conflicts) = (0, 0)
        for number in 0..<3000 {
            let key = Key(
                atMs: Int64(number) * 20 + Int64(random.next() % 200) * 100,
                quantity: [.wetness, .battery, .temperature][Int(random.next() % 3)])
            let value = Double(random.next() % 2)
            var reading = reading(sensor, key.quantity, afterMs: key.atMs, value: value)
            reading.arrivedAtMs = Stream.start + 3_600_000
            stream.processor.take(reading, into: batch)
            if said[key]?.contains(value) == true {
                duplicates += 1
            } else if said[key] != nil {
                conflicts += 1
            }
            said[key, default: []].insert(value)
        }
        #expect(duplicates > 100 && conflicts > 100)
        #expect(stream.processor.tallies.duplicates == duplicates)
        #expect(stream.processor.tallies.conflicts == conflicts)
    }

    @Test func theStreamsLastEntriesAreKnownHoweverOldAndEarlierOnesAreForgotten() {
        var stream = Stream()
        let (sensor, other) = (stream.adopt("sensor-1", .waterLeak), stream.adopt("sensor-2", .waterLeak))
        let batch = stream.batch()
        // One entry in 64 is the sensor's, and each lies ten minutes behind the one before: beyond the horizon soon.
        let (count, stepMs) = (4600 as Int64, 600_000 as Int64)
        for number in 0..<count {
            stream.processor.take(reading(sensor, afterMs: number * stepMs), into: batch)
            for second in 1..<64 as Range<Int64> {
                stream.processor.take(reading(other, afterMs: number * stepMs + second * 1000), into: batch)
            }
            batch.readings.removeAll(keepingCapacity: true)
        }
        let inReach = 131_072 / 64 as Int64
        for number in count - inReach..<count {
            stream.processor.take(reading(sensor, afterMs: number * stepMs), into: batch)
        }
        #expect(stream.processor.tallies.duplicates == Int(inReach))
        // A place is 4,096 entries, so 64 more of the sensor's may be known.
        for number in count - inReach - 70..<count - inReach - 65 {
            var old = reading(sensor, afterMs: number * stepMs)
            old.arrivedAtMs = Stream.start + count * stepMs
            stream.processor.take(old, into: batch)
        }
        #expect(stream.processor.tallies.duplicates == Int(inReach))
        #expect(stream.processor.tallies.late == 5)
    }
}
