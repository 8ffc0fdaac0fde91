import Incidents
import IssueStorage
import Readings
import Testing

/// How well sensors are heard: reports are added up on each sensor's record.
@Suite struct LinkTests {
    private static func link(
        _ sensor: UInt32, received: UInt32, lost: Int32, atMs: Int64 = 1, rssiDBm: Float = .nan
    ) -> SensorLink {
        var link = SensorLink(sensor: SensorIndex(rawValue: sensor), atMs: atMs)
        (link.received, link.lost, link.rssiDBm) = (received, lost, rssiDBm)
        return link
    }

    private func records(_ batches: [[SensorLink]]) async throws -> [LinkRecord] {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let run = StoreRun(try directory.store())
        run.submit { batch in
            batch.newSensors = (0..<2).map { number in
                var sensor = Sensor(id: "s-\(number)", kind: .waterLeak)
                sensor.gateway = "gw-1"
                return .init(sequence: Int64(number + 1), index: SensorIndex(rawValue: UInt32(number)), sensor: sensor)
            }
        }
        for links in batches { run.submit { $0.links = links } }
        run.end()
        return try await IssueReader(directory: directory.path).links(limit: 10)
    }

    @Test func reportsAddUpAndThoseThatLoseMostComeFirst() async throws {
        let records = try await records([
            [Self.link(0, received: 10, lost: 0, atMs: 5, rssiDBm: -97), Self.link(1, received: 6, lost: 2)],
            [Self.link(1, received: 3, lost: 1, atMs: 9), Self.link(0, received: 1, lost: 0, atMs: 4)],
        ])
        #expect(records.map(\.sensorID) == ["s-1", "s-0"])
        #expect(records.map(\.lossShare) == [0.25, 0])
        #expect(records.map(\.lastFrameMs) == [9, 5])
        #expect(records.map(\.rssiDBm) == [nil, -97])
        #expect(records.map(\.gateway) == ["gw-1", "gw-1"])
    }

    @Test func framesThatCameLateAreLostNoLonger() async throws {
        let records = try await records([[Self.link(0, received: 8, lost: 2)], [Self.link(0, received: 2, lost: -2)]])
        #expect(records.map(\.lost) == [0])
        #expect(records.map(\.received) == [10])
    }

    @Test func whatIsOldCountsLess() async throws {
        let records = try await records([
            [Self.link(0, received: 500, lost: 600)], [Self.link(0, received: 750, lost: 0)],
        ])
        #expect(records.map(\.lossShare) == [300 / 1300.0])
    }
}
