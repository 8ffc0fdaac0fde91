import Foundation
import Open311
import Readings
import Simulation
import TestSupport
import Testing

@Suite struct ScenarioFileTests {
    private static let head = """
        start 2026-03-16 00:00
        sensor flow-1 water-leak every 15m zone aston gateway gw-1
        warm-up 1 day
        usual flow-1 flow_m3h weekly pattern water-flow size 40

        """

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var words: String
        /// Nil where a reading is missing.
        var values: [Double?]
    }

    @Test(arguments: [
        Case(testDescription: "one value", words: "40", values: [40]),
        Case(testDescription: "the same value", words: "40x3", values: [40, 40, 40]),
        Case(testDescription: "a rising one", words: "40+2x3", values: [40, 42, 44]),
        Case(testDescription: "a falling one below zero", words: "-1.5-0.5x3", values: [-1.5, -2, -2.5]),
        Case(testDescription: "missing ones", words: "1 _x2 2", values: [1, nil, nil, 2]),
    ])
    func valuesAreRepeated(_ c: Case) throws {
        let file = try ScenarioFile(Self.head + "values flow-1 flow_m3h \(c.words)")
        let script = file.readings.filter { $0.observedAtMs >= file.startMs }
        #expect(script.map(\.value) == c.values.compactMap(\.self))
        let times = c.values.indices.filter { c.values[$0] != nil }.map { file.startMs + Int64($0) * 900_000 }
        #expect(script.map(\.observedAtMs) == times)
        #expect(file.readings.count - script.count == 96)
    }

    @Test func aTildeIsTheUsualValue() throws {
        let usual = try ScenarioFile(Self.head + "values flow-1 flow_m3h ~x8").readings.suffix(8).map(\.value)
        let changed = try ScenarioFile(Self.head + "values flow-1 flow_m3h ~x2 ~+10x2 ~*0.5x2 ~-1-1x2")
            .readings.suffix(8).map(\.value)
        #expect(changed[..<2] == usual[..<2])
        for (index, expected) in [
            (2, usual[2] + 10), (3, usual[3] + 10), (4, usual[4] / 2), (6, usual[6] - 1), (7, usual[7] - 2),
        ] {
            #expect(abs(changed[index] - expected) < 0.011)
        }
    }

    @Test func startIsLocalTime() throws {
        let file = try ScenarioFile("start 2026-07-01 00:00\nat 01:30 no request")
        #expect(file.startMs == CityFixture.ms("2026-06-30T23:00:00Z"))
        #expect(file.endMs == file.startMs + 90 * 60_000)
    }

    @Test func bracesRepeatALine() throws {
        let file = try ScenarioFile(
            "start 2026-03-16 00:00\nsensor bin-{3..5} bin-fill every 30m\nvalues bin-{3..5} fill_pct 7")
        #expect(file.sensors.map(\.id) == ["bin-3", "bin-4", "bin-5"])
        #expect(file.readings.map(\.sensor) == [0, 1, 2])
    }

    @Test func expectationsAreUnderstood() throws {
        let file = try ScenarioFile(
            Self.head + """
                at 04:30 request water-leak open sensor flow-1
                at 02:00 no request   # comment
                at 05:00 one request sensor-fault closed gateway gw-1
                """)
        #expect(file.expectations.map(\.count) == [.none, .some, .one])
        #expect(file.expectations.map(\.service) == [nil, .waterLeak, .sensorFault])
        #expect(file.expectations.map(\.isOpen) == [nil, true, false])
        #expect(file.expectations.map(\.subject) == [.anything, .sensor("flow-1"), .gateway("gw-1")])
        #expect(file.expectations.map(\.atMs) == [120, 270, 300].map { file.startMs + $0 * 60_000 })
        #expect(file.expectations[0].text == "at 02:00 no request")
        #expect(file.sensors[0].gateway == "gw-1" && file.sensors[0].zone == "aston")
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var text: String
        var line: Int
    }

    @Test(arguments: [
        Bad(testDescription: "an unknown first word", text: "begin now", line: 5),
        Bad(testDescription: "an unknown sensor", text: "values flow-2 flow_m3h 1", line: 5),
        Bad(testDescription: "an unknown quantity", text: "values flow-1 flow 1", line: 5),
        Bad(testDescription: "an unknown pattern", text: "usual flow-1 flow_m3h weekly pattern wine size 3", line: 5),
        Bad(testDescription: "a value that is none", text: "values flow-1 flow_m3h 4x0", line: 5),
        Bad(testDescription: "usual, where nothing is usual", text: "values flow-1 pressure_m ~x4", line: 5),
        Bad(testDescription: "an expectation without a time", text: "at noon request", line: 5),
        Bad(testDescription: "an expectation with a loose end", text: "at 01:00 request water-leak soon", line: 5),
        Bad(testDescription: "a sensor twice", text: "sensor flow-1 water-leak every 15m", line: 5),
        Bad(testDescription: "a sensor without a step", text: "sensor flow-2 water-leak zone a", line: 5),
    ])
    func errorsNameTheLine(_ bad: Bad) {
        do {
            _ = try ScenarioFile(Self.head + bad.text)
            Issue.record("was understood")
        } catch {
            #expect(error.line == bad.line, "\(error)")
        }
    }

    @Test func needsAStart() {
        #expect(throws: ScenarioError(line: 0, "there is no start line")) { try ScenarioFile("scenario Nothing") }
    }

    @Test func everyShippedScenarioIsSound() throws {
        let folder = CityFixture.repository.appending(path: "fixtures/scenarios")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
            $0.hasSuffix(".scenario")
        }
        #expect(files.count >= 8)
        for name in files.sorted() {
            do {
                let file = try ScenarioFile(String(contentsOf: folder.appending(path: name), encoding: .utf8))
                #expect(!file.name.isEmpty && !file.expectations.isEmpty && !file.sensors.isEmpty, "\(name)")
                // Every expectation lies within what is measured: later ones would hold by themselves.
                #expect(file.readings.last?.observedAtMs ?? 0 >= file.endMs - 3_600_000, "\(name)")
            } catch {
                Issue.record("\(name): \(error)")
            }
        }
    }
}
