import Foundation
import Readings
import Simulation
import Testing

@Suite struct RecordedSeriesTests {
    private func csv(_ rows: [String]) -> [UInt8] {
        Array((["timestamp,sensor_id,kind,metric,value"] + rows).joined(separator: "\n").utf8)
    }

    @Test func theShippedRecordingsCoverTheWorkingWeek() throws {
        let (pems, nab) = (CityFixture.recorded[0], CityFixture.recorded[1])
        #expect(pems.quantities == [.vehicleFlow])
        #expect(pems.dayCounts.reduce(0, +) == 27)
        #expect(pems.dayCounts[5...] == [0, 0])
        #expect(nab.quantities == [.speed, .occupancy])
        #expect(nab.dayCounts.allSatisfy { $0 > 0 })
    }

    /// The count at 08:00 on Monday 4 January 2016 in California appears on some Monday at 08:00 in Birmingham.
    @Test func aDayIsReplayedOnItsWeekdayAtItsLocalTime() throws {
        let path = CityFixture.repository.appending(path: "fixtures/recorded/pems-workdays.csv.gz").path
        let text = String(decoding: try GzipReader.contents(ofFile: path), as: UTF8.self)
        let eights = text.split(separator: "\n").map { $0.split(separator: ",") }.filter { row in
            let atMs = Timestamp.parse(String(row[0])) ?? 0  // four in the afternoon by UTC is eight in California
            return row[0].hasSuffix("T16:00:00Z") && LocalMoment(atMs: atMs, offsetSeconds: 0).weekday == 0
        }
        #expect(eights.count == 6)
        let recorded = Set(eights.compactMap { Double($0[4]) })
        let city = CityFixture.city(hasEvents: false)
        let stations = city.sensors.indices.filter { city.sensor($0).asset?.contains("PeMS") == true }
        #expect(stations.count == 3)
        let eight = CityFixture.ms("2026-07-06T07:00:00Z")  // a Monday in summer time
        let played = city.readings(fromMs: eight, toMs: eight + 1).filter { stations.contains($0.sensor) }
        #expect(played.count == 3)
        #expect(played.allSatisfy { recorded.contains($0.value) })
    }

    @Test func weekendsWithoutARecordingAreMadeUpInItsSize() {
        let city = CityFixture.city(hasEvents: false)
        let stations = city.sensors.indices.filter { city.sensor($0).asset?.contains("PeMS") == true }
        let saturday = CityFixture.ms("2026-03-14T00:00:00Z")
        let counts = city.readings(fromMs: saturday, toMs: saturday + CityFixture.dayMs)
            .filter { stations.contains($0.sensor) }.map(\.value)
        #expect(counts.count == 3 * 288)
        let mean = counts.reduce(0, +) / Double(counts.count)
        #expect(mean > 300 && mean < 1200, "\(mean)")
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var row: String
        var line: Int
    }

    @Test(arguments: [
        Case(testDescription: "a field short", row: "2016-01-04T08:00:00Z,a,traffic,flow_vph", line: 2),
        Case(testDescription: "a broken time", row: "4 January,a,traffic,flow_vph,12", line: 2),
        Case(testDescription: "an unknown metric", row: "2016-01-04T08:00:00Z,a,traffic,furlongs,12", line: 2),
        Case(testDescription: "no number", row: "2016-01-04T08:00:00Z,a,traffic,flow_vph,many", line: 2),
        Case(testDescription: "nobody's rows", row: "2016-01-04T08:00:00Z,b,traffic,flow_vph,12", line: 0),
    ])
    func refusesWhatItCannotRead(_ c: Case) {
        do {
            _ = try RecordedSeries(
                name: "a", source: "a test", csv: csv([c.row]), utcOffsetS: 0, longestGapMinutes: 1440)
            Issue.record("was read")
        } catch {
            #expect(error.line == c.line, "\(error)")
        }
    }
}
