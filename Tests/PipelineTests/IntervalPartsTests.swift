import Incidents
import Pipeline
import Readings
import Testing

/// A traffic radar's interval comes in several messages, one for each category of vehicles; it is one reading.
@Suite struct IntervalPartsTests {
    /// What one uplink is: the interval by its minute, the category, vehicles per hour and their speed.
    struct Part: Sendable {
        var minute: Int64
        var place: Int64
        var flow: Double
        var speed: Double

        init(_ minute: Int64, _ place: Int64, flow: Double = 60, speed: Double = 50) {
            (self.minute, self.place, self.flow, self.speed) = (minute, place, flow, speed)
        }
    }

    struct Radar {
        var stream = Stream()
        let sensor: SensorIndex

        init() { sensor = stream.adopt("radar-1", .traffic) }

        static func readings(_ part: Part, of sensor: SensorIndex, arrival: Int64) -> [Reading] {
            [(Quantity.speedPart, part.flow * part.speed), (.vehicleFlowPart, part.flow)].map { quantity, value in
                Reading(
                    sensor: sensor, quantity: quantity, observedAtMs: Stream.at(part.minute) + part.place,
                    arrivedAtMs: Stream.at(arrival), value: value, counter: 3, source: 1)
            }
        }

        mutating func hear(_ parts: [Part], arrival: Int64? = nil, into batch: CommitBatch) {
            for part in parts {
                for reading in Self.readings(part, of: sensor, arrival: arrival ?? part.minute + 1) {
                    stream.processor.take(reading, into: batch)
                }
            }
        }
    }

    /// `minute quantity value` of what has been put together.
    private func whole(_ batch: CommitBatch) -> [String] {
        batch.readings.map(\.reading).filter { !$0.quantity.isPart }.map {
            let minute = ($0.observedAtMs - Stream.start) / 60_000
            return "\(minute) \($0.quantity.name) \($0.value)\($0.flags.contains(.late) ? " late" : "")"
        }
    }

    @Test(arguments: [
        (
            "in order",
            [Part(5, 0, flow: 0, speed: 0), Part(5, 1, flow: 90, speed: 40), Part(5, 2, flow: 30, speed: 80)]
        ),
        (
            "in any order",
            [Part(5, 2, flow: 30, speed: 80), Part(5, 0, flow: 0, speed: 0), Part(5, 1, flow: 90, speed: 40)]
        ),
        (
            "with repetitions",
            [
                Part(5, 0, flow: 0, speed: 0), Part(5, 0, flow: 0, speed: 0), Part(5, 1, flow: 90, speed: 40),
                Part(5, 1, flow: 90, speed: 40), Part(5, 2, flow: 30, speed: 80), Part(5, 2, flow: 30, speed: 80),
            ]
        ),
    ])
    func allPartsAreOneReading(_ c: (String, [Part])) {
        var radar = Radar()
        let batch = radar.stream.batch()
        radar.hear(c.1, into: batch)
        #expect(whole(batch) == ["5 speed_kmh 50.0", "5 flow_vph 120.0"])
        #expect(batch.readings.count == 8)
    }

    @Test func withoutVehiclesThereIsNoSpeed() {
        var radar = Radar()
        let batch = radar.stream.batch()
        radar.hear((0..<3).map { Part(5, $0, flow: 0, speed: 0) }, into: batch)
        #expect(whole(batch) == ["5 flow_vph 0.0"])
    }

    @Test func anIntervalThatIsNotWholeIsNoReading() {
        var radar = Radar()
        let batch = radar.stream.batch()
        for interval in Int64(1)...9 {
            // A radio frame is lost in the third.
            radar.hear((0..<(interval == 3 ? 2 : 3)).map { Part(interval * 5, $0) }, into: batch)
        }
        let flows = whole(batch).filter { $0.contains("flow") }
        #expect(flows == [5, 10, 20, 25, 30, 35, 40, 45].map { "\($0) flow_vph 180.0" })
        #expect(radar.stream.processor.tallies.incomplete == 0, "it may still come")
        // Four more that are not whole push it out.
        for interval in Int64(10)...13 { radar.hear([Part(interval * 5, 0)], into: batch) }
        #expect(radar.stream.processor.tallies.incomplete == 1)
        batch.reset()
        radar.hear([Part(15, 2)], arrival: 70, into: batch)
        #expect(whole(batch).isEmpty, "given up is given up")
    }

    @Test func partsOfTwoIntervalsMayBeMixed() {
        var radar = Radar()
        let batch = radar.stream.batch()
        radar.hear(
            [Part(5, 0), Part(5, 1), Part(10, 0), Part(5, 2), Part(10, 1), Part(10, 2)], arrival: 11, into: batch)
        #expect(whole(batch).filter { $0.contains("flow") } == ["5 flow_vph 180.0", "10 flow_vph 180.0"])
    }

    @Test func aLatecomerIsHistory() {
        var radar = Radar()
        let batch = radar.stream.batch()
        radar.hear([Part(5, 0), Part(5, 1)] + (0..<3).map { Part(10, $0) } + [Part(5, 2)], arrival: 11, into: batch)
        #expect(
            whole(batch).filter { $0.contains("flow") } == ["10 flow_vph 180.0", "5 flow_vph 180.0 late"])
    }

    /// The store has every part before it is acknowledged: wherever the daemon dies, the interval is told to its end, once.
    @Test(arguments: 0..<7, [false, true])
    func anIntervalOutlivesADeathBetweenItsParts(_ steps: Int, _ isSaved: Bool) {
        var radar = Radar()
        var log = LogInMemory()
        let batch = CommitBatch()
        _ = radar.stream.processor.admit(id: "radar-1", kind: .traffic, nowMs: Stream.start, into: batch)
        batch.newSensors = [
            .init(sequence: 1, index: radar.sensor, sensor: Sensor(id: "radar-1", kind: .traffic))
        ]
        let readings = [Part(5, 0), Part(5, 1, flow: 90, speed: 40), Part(5, 2)].flatMap {
            Radar.readings($0, of: radar.sensor, arrival: 6)
        }
        for reading in readings[..<steps.clamped(to: readings.count)] {
            radar.stream.processor.take(reading, into: batch)
        }
        if isSaved { radar.stream.processor.saveEverything(into: batch) }
        log.commit(batch)
        var stored = whole(batch)
        var recovered = log.recover(PipelineConfiguration(), into: CommitBatch())
        let later = CommitBatch()
        // The broker delivers everything again, what was acknowledged too.
        for reading in readings { recovered.take(reading, into: later) }
        stored += whole(later)
        #expect(stored == ["5 speed_kmh 45.714285714285715", "5 flow_vph 210.0"], "after \(steps) readings")
    }
}

extension Int {
    fileprivate func clamped(to most: Int) -> Int { Swift.min(self, most) }
}
