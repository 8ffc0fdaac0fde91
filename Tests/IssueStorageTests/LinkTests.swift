import GRDB
import Incidents
import IssueStorage
import Readings
import Testing

/// How well and how often sensors are heard: whole records, written again as they change, and read at a start.
@Suite struct LinkTests {
    private static func link(_ sensor: UInt32, _ findings: [FrameHistory.Finding]) -> SensorLink {
        var link = SensorLink(sensor: SensorIndex(rawValue: sensor), atMs: 7)
        for finding in findings { link.count(finding) }
        link.history = FrameHistory(
            session: .max, highest: 4_294_967_295, highestAtMs: 5, beganAtMs: .min, seen: .max, joinsAtMs: 9)
        return link
    }

    private func run(_ directory: TemporaryDirectory, _ batches: [@Sendable (CommitBatch) -> Void]) throws {
        let run = StoreRun(try directory.store())
        run.submit { batch in
            batch.newSensors = (0..<2).map { number in
                var sensor = Sensor(id: "s-\(number)", kind: .waterLeak)
                sensor.adoptedBy = number == 0 ? "trial" : nil
                return .init(sequence: Int64(number + 1), index: SensorIndex(rawValue: UInt32(number)), sensor: sensor)
            }
        }
        for batch in batches { run.submit(batch) }
        run.end()
    }

    @Test func theLastRecordOfASensorIsWhatAStartGoesOnWith() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let first = Self.link(1, [.first, .next(lost: 3), .duplicate])
        var last = Self.link(1, [.first, .next(lost: 3), .duplicate, .reordered, .reset, .rejoined(lost: 2)])
        (last.rssiDBm, last.snrDB) = (-97, 7.5)
        let (before, after) = (first, last)
        try run(directory, [{ $0.links = [before] }, { $0.links = [after] }])
        let store = try directory.store()
        #expect(try store.storedState().links == [last])
        let reader = try IssueReader(directory: directory.path)
        #expect(try await reader.link(ofSensor: "s-1") == last)
        #expect(try await reader.link(ofSensor: "s-0") == nil)
        #expect(last.counts.lost == 4 && last.counts.received == 5 && last.counts.duplicated == 1)
        #expect(last.counts.reordered == 1 && last.counts.resets == 1 && last.counts.rejoins == 1)
        #expect(try await reader.sensors(limit: 9).map(\.adoptedBy) == ["trial", nil])
    }

    @Test func whatIsLearnedOfItsCadenceStandsBesideWhatIsStated() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let sensor = SensorIndex(rawValue: 1)
        try run(
            directory,
            [
                { $0.cadences = [.init(sensor: sensor, intervalS: 600), .init(sensor: sensor, intervalS: 900)] },
                { $0.cadences = [.init(sensor: sensor, intervalS: 1800)] },
            ])
        let reader = try IssueReader(directory: directory.path)
        #expect(try await reader.learnedInterval(ofSensor: "s-1") == 1800)
        #expect(try await reader.learnedInterval(ofSensor: "s-0") == nil)
        let standings = try await reader.standings()
        #expect(standings.map(\.intervalS) == [nil, 1800])
        #expect(standings.map(\.isIntervalLearned) == [false, true])
    }

    @Test func theShareOfLossesIsThatOfLate() throws {
        var link = SensorLink(sensor: SensorIndex(rawValue: 0))
        for _ in 0..<10 { link.count(.next(lost: 0)) }
        #expect(link.lossShare == nil, "ten frames tell nothing")
        link.count(.next(lost: 600))
        #expect(link.lossShare == 600.0 / 611)
        for _ in 0..<5000 { link.count(.next(lost: 0)) }
        #expect(try #require(link.lossShare) < 0.01)
        #expect(link.counts.lost == 600 && link.counts.received == 5011)
        for _ in 0..<700 { link.count(.reordered) }
        #expect(link.lossShare == 0)
    }
}
