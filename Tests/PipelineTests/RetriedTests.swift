import Incidents
import Pipeline
import Readings
import Testing

/// Messages that were in quarantine and can be read today.
@Suite struct RetriedTests {
    private func message(
        _ id: Int64 = 7, sensor: String = "bin-9", of quantity: Quantity = .fill, values: [Int64: Double],
        arrivedMinute: Int64 = 60, nowMinute: Int64 = 3000
    ) -> RetriedMessage {
        RetriedMessage(
            id: id, atMs: Stream.at(nowMinute), arrivedAtMs: Stream.at(arrivedMinute),
            sensors: [.init(id: sensor, kind: .binFill)],
            readings: values.sorted { $0.key < $1.key }.map { minute, value in
                .init(quantity: quantity, observedAtMs: Stream.at(minute), value: value)
            })
    }

    @Test func areHistoryOfTheTimeTheySay() {
        var stream = Stream()
        let batch = stream.batch()
        stream.processor.take(message(values: [10: 20, 20: 30]), into: batch)
        #expect(batch.retried == [RetriedOutcome(id: 7, result: .read(readings: 2))])
        #expect(batch.newSensors.map(\.sensor.id) == ["bin-9"])
        #expect(batch.readings.map(\.reading.observedAtMs) == [Stream.at(10), Stream.at(20)])
        #expect(batch.readings.allSatisfy { $0.reading.flags == [.late, .retried] })
    }

    @Test func nobodyIsCalledByThem() {
        var stream = Stream()
        let batch = stream.batch()
        let burning = Dictionary(uniqueKeysWithValues: (0..<50).map { (Int64($0), 95.0) })
        stream.processor.take(message(of: .temperature, values: burning), into: batch)
        #expect(batch.readings.count == 50)
        #expect(batch.requests.isEmpty && batch.incidents.isEmpty)
    }

    @Test func tellNothingOfTheSensorsWatermark() {
        var stream = Stream()
        stream.processor.take(message(values: [50: 20]), into: stream.batch())
        let sensor = stream.adopt("bin-9", .binFill)
        let batch = stream.batch()
        stream.processor.take(stream.reading(sensor, .fill, minute: 40, value: 12), into: batch)
        #expect(batch.readings.map(\.reading.flags) == [[]])
    }

    @Test func areReadOnceHoweverOftenTheyAreTried() {
        var stream = Stream()
        let batch = stream.batch()
        stream.processor.take(message(values: [10: 20]), into: batch)
        stream.processor.take(message(8, values: [10: 20]), into: batch)
        #expect(batch.readings.count == 1)
        #expect(
            batch.retried == [
                RetriedOutcome(id: 7, result: .read(readings: 1)), RetriedOutcome(id: 8, result: .read(readings: 0)),
            ])
    }

    @Test func contradictNobody() {
        var stream = Stream()
        let batch = stream.batch()
        stream.processor.take(message(values: [10: 20]), into: batch)
        stream.processor.take(message(8, values: [10: 25]), into: batch)
        #expect(batch.readings.map(\.reading.flags) == [[.late, .retried], [.late, .retried, .conflict]])
    }

    @Test func aTimeThatWasAheadThenIsAheadStill() {
        var stream = Stream()
        let batch = stream.batch()
        stream.processor.take(message(values: [600: 20], arrivedMinute: 60, nowMinute: 3000), into: batch)
        let reading = batch.readings[0].reading
        #expect(reading.observedAtMs == Stream.at(60))
        #expect(reading.flags.contains(.clockAhead))
        #expect(reading.claimedS == UInt32(Stream.at(600) / 1000))
    }

    @Test func stayInQuarantineAsAWholeWhenASensorIsRefused() {
        var stream = Stream {
            $0.admission = .allowList
            $0.registry = [Sensor(id: "bin-9", kind: .binFill)]
        }
        var two = message(values: [10: 20])
        two.sensors.append(.init(id: "stranger", kind: .binFill))
        two.readings.append(.init(quantity: .fill, observedAtMs: Stream.at(10), value: 1, sensor: 1))
        let batch = stream.batch()
        stream.processor.take(two, into: batch)
        #expect(batch.retried == [RetriedOutcome(id: 7, result: .refused(.unknownSensor, sensor: "stranger"))])
        #expect(batch.readings.isEmpty)
    }

    @Test func areKnownAfterARestartAndNoSignOfLife() {
        var stream = Stream()
        var log = LogInMemory()
        let batch = stream.batch()
        stream.processor.connection(isUp: true, source: 1, atMs: Stream.start, into: batch)
        stream.processor.take(message(values: [10: 20]), into: batch)
        log.commit(batch)
        var recovered = log.recover(PipelineConfiguration(), into: CommitBatch())
        let (again, silence) = (CommitBatch(), CommitBatch())
        recovered.take(message(8, values: [10: 20]), into: again)
        #expect(again.readings.isEmpty)
        // Never heard, it can't have gone silent.
        for day in 1..<20 { recovered.tick(atMs: Stream.at(Int64(day) * 1440), into: silence) }
        #expect(silence.incidents.isEmpty)
    }
}
