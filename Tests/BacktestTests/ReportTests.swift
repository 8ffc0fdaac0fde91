import Backtest
import Detection
import Foundation
import Readings
import Testing

@Suite struct ReportTests {
    @Test func anIncidentIsALineForTheScorer() {
        var incident = Sets.incident(5, .binFire, sensor: "a\"b\\c")
        incident.score = 1.5
        #expect(
            IncidentLine.text(incident)
                == #"{"sensor_id":"a\"b\\c","kind":"water-leak","opened_at":"2026-05-01T00:05:00Z","closed_at":null,"#
                + #""score":1.5,"class":"event","type":"fire","rule":"bin-fire"}"#)
        incident.closedAtMs = Sets.at(6) + 250
        #expect(IncidentLine.text(incident).contains(#""closed_at":"2026-05-01T00:06:00.250Z""#))
        incident.score = .infinity
        #expect(IncidentLine.text(incident).contains(#""score":null"#))
        let opening = PreventiveOpening(sensorID: "b", openedAtMs: Sets.at(0), forecastMs: Sets.at(60))
        #expect(
            IncidentLine.text(opening)
                .hasSuffix(#""full_at":"2026-05-01T01:00:00Z","ended_at":null,"ending":null}"#))
    }

    @Test func comparisonTellsWhatAppearsVanishesAndMoves() {
        func incident(_ minutes: ClosedRange<Int64>, _ sensor: String, _ rule: Rule = .nightFlow) -> DetectedIncident {
            var incident = Sets.incident(minutes.lowerBound, rule, sensor: sensor)
            incident.closedAtMs = Sets.at(minutes.upperBound)
            return incident
        }
        let same = incident(0...10, "s0")
        let before = [same, incident(100...200, "s0"), incident(300...400, "s0"), incident(0...10, "s1")]
        let after = [
            same, incident(160...250, "s0"), incident(300...390, "s0", .burst), incident(300...400, "s0", .stuck),
            incident(20...30, "s1"),
        ]
        let comparison = IncidentComparison(before: before, after: after)
        #expect(comparison.unchanged == 1)
        #expect(comparison.moved.map(\.after.openedAtMs) == [Sets.at(160), Sets.at(300)])
        #expect(comparison.vanished == [before[3]])
        #expect(comparison.appeared == [after[4], after[3]])
        #expect(comparison.lines.contains("~ 2026-05-01T01:40:00Z  s0  night-flow: 60 min later"))
        #expect(comparison.lines.last == "2 appear, 1 vanish, 2 move, 1 stay")
        #expect(IncidentComparison(before: before, after: before).lines == ["0 appear, 0 vanish, 0 move, 4 stay"])
    }

    @Test func falseAndMissedAreShownWithTheirReadings() throws {
        let set = LabelledSet(
            sensors: [Sets.sensor("s0")], labels: [Sets.label(6000...7500), Sets.label(1000...1200, .ignore)])
        let rows = (0..<640).map { step in
            Recording.Row(
                observedAtMs: Sets.at(Int64(step) * 15), value: (400..<500).contains(step) ? 9 : 5, sensor: 0,
                quantity: .flow)
        }
        let recording = Recording(sensors: [Recording.Source(id: "s0", kind: .waterLeak)], rows: rows)
        let matching = Matching([Sets.incident(3000)], set: set, class: .event)
        let lines = Explanation(recording).lines(of: matching)
        let falseOne = try #require(lines.firstIndex { $0.hasPrefix("FALSE s0 (water), night-flow") })
        let missed = try #require(lines.firstIndex { $0.hasPrefix("MISSED leak E1 at s0") })
        #expect(falseOne < missed)
        #expect(lines[missed + 1].hasPrefix("     9.0 ┤"))
        #expect(lines[missed + 4].hasPrefix("     5.0 ┤▁▁▁▁▁▁▁▁"))
        // The rise stands over the label.
        let rise = Array(lines[missed + 1]).firstIndex(of: "█")
        let label = Array(lines[missed + 5]).firstIndex(of: "━")
        #expect(rise == label)
        #expect(lines[falseOne + 5].contains("▲"))
    }

    @Test func tablesAlignAndJSONHasNoNumberWhereThereIsNone() throws {
        let set = LabelledSet(sensors: [Sets.sensor("s0")], labels: [Sets.label(100...200)])
        let report = ScoreReport(Replay.Outcome(incidents: []), set: set)
        let lines = report.lines
        #expect(lines[0].hasPrefix("incidents, by kind  sensors  events  found"))
        #expect(lines[1].hasPrefix("water-leak                1       1      0"))
        let json = try JSONSerialization.jsonObject(with: Data(report.json)) as? [String: [String: [String: Any]]]
        let kind = try #require(json?["events"]?["water-leak"])
        #expect(kind["precision"] == nil || kind["precision"] is NSNull)
        #expect(kind["f1_strict"] as? Double == 0)
    }

    @Test func theSpreadOverPartsIsShown() {
        let labels = (0..<10).map { Sets.label(Int64($0) * 500...Int64($0) * 500 + 100, event: "E\($0)") }
        let set = LabelledSet(sensors: [Sets.sensor("s0")], labels: labels)
        let found = (0..<5).map { Sets.incident(Int64($0) * 1000 + 50) }
        let lines = FoldTable.lines(Matching(found, set: set, class: .event), count: 2)
        #expect(lines[1].split(separator: " ") == ["water-leak", "1.000", "0.000", "0.500", "0.707", "0.000"])
    }
}
