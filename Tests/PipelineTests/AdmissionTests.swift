import Incidents
import Pipeline
import Readings
import Testing

@Suite struct AdmissionTests {
    @Test func anUnknownSensorIsAdoptedAndLogged() {
        var stream = Stream()
        let batch = stream.batch()
        let admission = stream.processor.admit(id: "bin-9", kind: .binFill, nowMs: 5, into: batch)
        #expect(admission == .admitted(SensorIndex(rawValue: 0)))
        #expect(batch.newSensors.map(\.sensor.id) == ["bin-9"])
        #expect(batch.newSensors.map(\.sequence) == [1])
        #expect(batch.decisions.map(\.event) == [.sensorAdopted])
    }

    @Test func theSameNameFromAnotherConnectionIsTheSameSensor() {
        var stream = Stream()
        let first = stream.adopt("bin-9", .binFill)
        let batch = stream.batch()
        #expect(stream.processor.admit(id: "bin-9", kind: .binFill, nowMs: 5, into: batch) == .admitted(first))
        #expect(batch.isEmpty)
    }

    @Test func whatTheRegistryKnowsComesWithTheSensor() {
        var known = Sensor(id: "bin-9", kind: .binFill)
        known.ward = "Aston"
        var stream = Stream { $0.registry = [known] }
        let batch = stream.batch()
        _ = stream.processor.admit(id: "bin-9", kind: .generic, nowMs: 5, into: batch)
        #expect(batch.newSensors.map(\.sensor) == [known])
    }

    @Test func anAllowListRefusesWhatIsNotRegistered() {
        var stream = Stream {
            $0.admission = .allowList
            $0.registry = [Sensor(id: "known", kind: .binFill)]
        }
        let batch = stream.batch()
        #expect(
            stream.processor.admit(id: "known", kind: .binFill, nowMs: 5, into: batch)
                == .admitted(SensorIndex(rawValue: 0)))
        #expect(
            stream.processor.admit(id: "stranger", kind: .binFill, nowMs: 5, into: batch) == .refused(.unknownSensor))
        #expect(batch.newSensors.count == 1)
        #expect(batch.decisions.last?.event == .sensorRefused)
    }

    @Test func noMoreThanTheLimitAreAdmitted() {
        var stream = Stream { $0.sensorLimit = 1 }
        let batch = stream.batch()
        _ = stream.processor.admit(id: "one", kind: .binFill, nowMs: 5, into: batch)
        #expect(stream.processor.admit(id: "two", kind: .binFill, nowMs: 5, into: batch) == .refused(.tooManySensors))
        #expect(
            stream.processor.admit(id: "one", kind: .binFill, nowMs: 5, into: batch)
                == .admitted(SensorIndex(rawValue: 0)))
    }
}
