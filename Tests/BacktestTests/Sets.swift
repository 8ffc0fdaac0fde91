import Backtest
import Detection
import Foundation
import Readings
import Simulation

/// Small made-up sets, and the one of the repository.
enum Sets {
    /// 2026-05-01T00:00:00Z.
    static let start: Int64 = 1_777_593_600_000

    static func at(_ minute: Int64) -> Int64 { start + minute * 60_000 }

    /// A sensor evaluated from minute 0 to minute 10 000, that reports every quarter of an hour.
    static func sensor(_ id: String, _ kind: SensorKind = .waterLeak, group: String = "water") -> LabelledSensor {
        var sensor = Sensor(id: id, kind: kind)
        sensor.expectedIntervalS = 900
        return LabelledSensor(sensor: sensor, group: group, evaluateFromMs: at(0), evaluateToMs: at(10_000))
    }

    /// A label from minute to minute, which counts from one step before its start.
    static func label(
        _ minutes: ClosedRange<Int64>, sensor: Int = 0, _ labelClass: Label.Class = .event, type: String = "leak",
        event: String = "E1", graceMinutes: Int64 = 0, optional: Bool = false
    ) -> Label {
        Label(
            sensor: sensor, class: labelClass, type: type, eventID: event, startMs: at(minutes.lowerBound),
            endMs: at(minutes.upperBound), preMs: 900_000, graceAfterMs: graceMinutes * 60_000, isOptional: optional)
    }

    static func incident(_ minute: Int64, _ rule: Rule = .nightFlow, sensor: String = "s0") -> DetectedIncident {
        DetectedIncident(sensorID: sensor, kind: .waterLeak, rule: rule, openedAtMs: at(minute))
    }

    // MARK: The repository's

    static let street = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../fixtures/street").standardized.path

    static func streetSet() throws -> LabelledSet {
        // A name for the bytes: Swift 6.3 miscompiles a span of what a throwing call returns.
        let sensors = try GzipReader.contents(ofFile: "\(street)/sensors.csv")
        let labels = try GzipReader.contents(ofFile: "\(street)/labels.json")
        return try LabelledSet(sensorsCSV: sensors.span, labelsJSON: labels)
    }

    static func streetRecording(_ files: [String]) throws -> Recording {
        var builder = RecordingBuilder()
        for file in files {
            var reader = try GzipReader(path: "\(street)/readings/\(file).csv.gz")
            var piece: [UInt8] = []
            while try reader.read(into: &piece) > 0 {
                try builder.append(piece.span)
                piece.removeAll(keepingCapacity: true)
            }
            try builder.endFile()
        }
        return builder.finish()
    }
}

/// The same numbers on every machine: SplitMix64 (Steele, Lea & Flood, OOPSLA 2014).
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
