import Backtest
import Detection
import Readings
import Testing

@Suite struct ReliabilityTests {
    /// One event from 10 to 20 at one sensor; incidents at the given times with the given confidence.
    private static func table(_ incidents: [(atMs: Int64, confidence: Double)]) -> ReliabilityTable {
        var sensor = Sensor(id: "s", kind: .waterLeak)
        sensor.zone = "z"
        let set = LabelledSet(
            sensors: [LabelledSensor(sensor: sensor, group: "g", evaluateFromMs: 0, evaluateToMs: 1_000_000)],
            labels: [Label(sensor: 0, class: .event, type: "leak", eventID: "e", startMs: 10_000, endMs: 20_000)])
        let detected = incidents.map {
            DetectedIncident(
                sensorID: "s", kind: .waterLeak, rule: .burst, openedAtMs: $0.atMs, confidence: $0.confidence)
        }
        return ReliabilityTable([Matching(detected, set: set, class: .event)])
    }

    @Test func whatIsRealAndWhatIsNotStandsWhereItWasSaid() {
        let table = Self.table([(12_000, 0.96), (15_000, 0.97), (500_000, 0.85), (600_000, 0.3)])
        #expect(table.rows.map(\.incidents) == [1, 0, 1, 0, 2, 0])
        #expect(table.rows.map(\.real) == [0, 0, 0, 0, 2, 0])
        #expect(abs(table.rows[4].said - 0.965) < 1e-12)
        #expect(abs(table.brier - (0.0016 + 0.0009 + 0.7225 + 0.09) / 4) < 1e-12)
    }

    @Test func aKindHasATableOfItsOwn() {
        let set = LabelledSet(
            sensors: [SensorKind.waterLeak, .traffic].map {
                LabelledSensor(
                    sensor: Sensor(id: $0.name, kind: $0), group: $0.name, evaluateFromMs: 0, evaluateToMs: 1_000_000)
            }, labels: [])
        let detected = [SensorKind.waterLeak, .traffic, .traffic].enumerated().map { place, kind in
            DetectedIncident(
                sensorID: kind.name, kind: kind, rule: .burst, openedAtMs: Int64(place) * 100_000 + 1, confidence: 0.7)
        }
        let matching = Matching(detected, set: set, class: .event)
        let counts = [nil, SensorKind.waterLeak, .traffic, .binFill].map {
            ReliabilityTable([matching], kind: $0).incidents
        }
        #expect(counts == [3, 1, 2, 0])
    }

    @Test func aSetWithoutIncidentsHasAnEmptyTable() {
        let table = Self.table([])
        #expect(table.brier == 0 && table.rows.allSatisfy { $0.incidents == 0 })
        #expect(table.lines("incidents").count == 2)
    }
}
