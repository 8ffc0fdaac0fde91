import Incidents
import Open311
import Pipeline
import Readings
import Testing

/// Silence is the sensors', never ours: what the stream's order must see to.
@Suite struct SilenceInTheStreamTests {
    /// One sensor on a five-minute cadence, heard until minute 60 by source 1.
    static func listening() -> (stream: Stream, sensor: SensorIndex) {
        var stream = Stream {
            var sensor = Sensor(id: "flow-1", kind: .waterLeak)
            sensor.expectedIntervalS = 300
            $0.registry = [sensor]
        }
        let sensor = stream.adopt("flow-1", .waterLeak)
        let batch = stream.batch()
        stream.processor.connection(isUp: true, source: 1, atMs: Stream.start, into: batch)
        stream.processor.connection(isUp: true, source: 2, atMs: Stream.start, into: batch)
        for minute in stride(from: Int64(0), through: 60, by: 5) {
            stream.processor.take(stream.reading(sensor, .flow, minute: minute, value: 10, source: 1), into: batch)
            stream.processor.tick(atMs: Stream.at(minute + 1), into: batch)
        }
        return (stream, sensor)
    }

    func silent(_ batch: CommitBatch) -> [String] { batch.requests.filter { $0.detector == "silence" }.map(\.sensorID) }

    @Test func aSensorThatFallsSilentIsARequest() {
        var (stream, _) = Self.listening()
        let batch = stream.batch()
        for minute in Int64(62)...90 { stream.processor.tick(atMs: Stream.at(minute), into: batch) }
        #expect(silent(batch) == ["flow-1"])
    }

    @Test func aDeadEdgeNodeIsOneRequestForAllItsSensors() {
        var stream = Stream()
        var log = LogInMemory()
        let batch = stream.batch()
        stream.processor.connection(isUp: true, source: 1, atMs: Stream.start, into: batch)
        let sensors = (0..<40).compactMap { number -> SensorIndex? in
            let admission = stream.processor.admit(
                id: "rtu-1/pump-\(number)", kind: .waterLeak, gateway: "spBv1.0/Water/rtu-1", nowMs: Stream.start,
                into: batch)
            if case .admitted(let index) = admission { return index } else { return nil }
        }
        for sensor in sensors {
            stream.processor.take(stream.reading(sensor, .flow, minute: 0, value: 3, source: 1), into: batch)
        }
        // Reports by exception: quiet for hours, and nobody minds.
        for minute in Int64(1)...600 { stream.processor.tick(atMs: Stream.at(minute), into: batch) }
        #expect(batch.requests.isEmpty)
        stream.processor.death(of: sensors[7], isGateway: true, source: 1, atMs: Stream.at(600), into: batch)
        for minute in Int64(601)...900 { stream.processor.tick(atMs: Stream.at(minute), into: batch) }
        let raised = Set(batch.requests.map(\.id))
        #expect(raised.count == 1)
        #expect(batch.requests.last?.detector == "gateway-silence")
        #expect(batch.requests.last?.title.contains("rtu-1") == true)
        // Met again from the log it is the same request, and born again it closes.
        log.commit(batch)
        var recovered = log.recover(PipelineConfiguration(), into: CommitBatch())
        let later = CommitBatch()
        recovered.connection(isUp: true, source: 1, atMs: Stream.at(900), into: later)
        for minute in Int64(901)...1000 {
            for sensor in sensors {
                let value = 3 + Double(minute % 7) / 10
                recovered.take(stream.reading(sensor, .flow, minute: minute, value: value, source: 1), into: later)
            }
            recovered.tick(atMs: Stream.at(minute), into: later)
        }
        #expect(Set(later.requests.map(\.id)) == raised)
        #expect(later.requests.last?.status == .closed)
    }

    @Test func theOutageOfItsBrokerIsNotItsSilence() {
        var (stream, _) = Self.listening()
        let batch = stream.batch()
        stream.processor.connection(isUp: false, source: 1, atMs: Stream.at(61), into: batch)
        // The other broker's connection stays up.
        for minute in Int64(62)...300 { stream.processor.tick(atMs: Stream.at(minute), into: batch) }
        #expect(silent(batch).isEmpty)
    }

    @Test func aSensorThatRepeatsItselfIsHeardAndTheLogKnows() {
        var (stream, sensor) = Self.listening()
        let batch = stream.batch()
        for minute in Int64(62)...90 {
            for second in Int64(0)..<4 {
                var again = stream.reading(sensor, .flow, minute: 60, value: 10, arrival: minute, source: 1)
                again.arrivedAtMs += second * 1000
                stream.processor.take(again, into: batch)
            }
            stream.processor.tick(atMs: Stream.at(minute) + 5000, into: batch)
        }
        #expect(silent(batch).isEmpty)
        #expect(batch.readings.isEmpty)
        let heard = batch.events.filter { $0.kind == .heard }
        #expect(heard.count == 29, "once a minute, however often it was said")
        #expect(heard.allSatisfy { $0.sensor == sensor && $0.source == 1 })
    }

    @Test func aClockThatHadBeenAheadDoesNotDeafenForYears() {
        var (stream, sensor) = Self.listening()
        let batch = stream.batch()
        // The host believes for a moment that it is 2030.
        stream.processor.tick(atMs: Stream.at(2_000_000), into: batch)
        stream.processor.take(
            stream.reading(sensor, .flow, minute: 2_000_000, value: 10, source: 1), into: batch)
        batch.reset()
        for minute in stride(from: Int64(65), through: 120, by: 5) {
            stream.processor.take(stream.reading(sensor, .flow, minute: minute, value: 10, source: 1), into: batch)
            stream.processor.tick(atMs: Stream.at(minute + 1), into: batch)
        }
        #expect(batch.readings.map(\.reading.flags) == Array(repeating: [], count: 12))
        #expect(batch.decisions.map(\.event).contains(.sensorClockBack))
        for minute in Int64(122)...150 { stream.processor.tick(atMs: Stream.at(minute), into: batch) }
        #expect(silent(batch).last == "flow-1")
    }

    @Test func aSensorWhoseOwnClockWasSetBackIsHeardAgainAfterAWhile() {
        var (stream, sensor) = Self.listening()
        let batch = stream.batch()
        // Two days of five-minute readings that claim to be of last year.
        let back: Int64 = 365 * 24 * 60
        for number in Int64(0)..<576 {
            let minute = 65 + number * 5
            stream.processor.take(
                stream.reading(sensor, .flow, minute: minute - back, value: 10, arrival: minute, source: 1),
                into: batch)
        }
        let late = batch.readings.count { $0.reading.flags.contains(.late) }
        #expect(late == StreamProcessor.clockBackReadings - 1)
        #expect(batch.decisions.count { $0.event == .sensorClockBack } == 1)
    }
}
