import Backtest
import Detection
import Foundation
import Pipeline
import Readings
import Testing

/// What detection reaches on the repository's labelled set: a change anywhere on a reading's way that costs events shows here.
@Suite struct FiguresTests {
    /// A group of the set, the file that holds its readings, and what it must reach at least.
    struct Case: Sendable, CustomTestStringConvertible {
        var group: String
        var file: String
        var strictF1: Double
        var falseAlarmsPerSensorMonth: Double
        /// F1s of the sensors' faults; nil for a group that has none.
        var faults: Double?
        var testDescription: String { group }

        init(_ group: String, _ file: String, _ strictF1: Double, _ falseAlarms: Double, faults: Double? = nil) {
            (self.group, self.file, self.strictF1) = (group, file, strictF1)
            (falseAlarmsPerSensorMonth, self.faults) = (falseAlarms, faults)
        }
    }

    @Test(arguments: [
        Case("bin", "bins", 0.985, 0.04, faults: 0.97),
        Case("water-acoustic", "water-acoustic", 0.97, 0.01, faults: 0.97),
        Case("water-dma", "water-dma", 0.92, 0.04, faults: 0.97),
        Case("water-ltown", "water-ltown", 0.9, 0.01),
        Case("water-meter", "water-meter", 0.97, 0.01),
        Case("water-wet", "water-wet", 1, 0.01),
        Case("traffic-freeway", "traffic-sim", 0.97, 0.3, faults: 0.97),
        Case("traffic-arterial", "traffic-sim", 0.95, 0.3, faults: 0.97),
        Case("traffic-pems-real", "traffic-pems", 0.98, 0.01),
    ])
    func eachGroupReachesItsFigure(_ c: Case) throws {
        let set = try Sets.streetSet().limited(toGroups: c.group)
        let recording = try Sets.streetRecording([c.file]).limited { set.place(ofSensor: $0.id) != nil }
        var configuration = PipelineConfiguration()
        configuration.registry = set.sensors.map(\.sensor)
        for name in Set(configuration.registry.compactMap(\.timeZone)) {
            let bytes = try Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/\(name)"))
            configuration.sensorZones[name] = try ZoneTable(tzif: [UInt8](bytes))
        }
        let outcome = Replay(configuration: configuration).run(recording).evaluated(in: set)
        let report = ScoreReport(outcome, set: set)
        let events = try #require(report.groups.first).tally
        #expect(events.strictF1 >= c.strictF1)
        #expect(events.falseAlarmsPerSensorMonth <= c.falseAlarmsPerSensorMonth)
        let faults = try #require(report.faults.first).tally
        if let least = c.faults { #expect(faults.strictF1 >= least) } else { #expect(faults.falseAlarms == 0) }
    }

    /// Each file by itself, by one parameter set; the windows that the published detectors are measured by.
    @Test func theBenchmarksFilesReachTheirFigure() throws {
        let set = try Sets.streetSet().limited(toGroups: "nab")
        let series = NABSeries.all(in: set, try Sets.streetRecording(["nab"]))
        let configuration = PipelineConfiguration()
        let score = series.map { $0.score(Replay(configuration: configuration).run($0.recording).incidents) }
            .reduce(NABScore(), +)
        #expect(score.windows == 9 && score.hits == 9)
        #expect(score.normalised >= 91.2)
    }
}
