import GRDB
import Incidents
import IssueStorage
import Readings
import TestSupport
import Testing

/// The registry changes, and the log still says of each sensor what was known of it in each place.
@Suite struct PastSensorTests {
    static func sensor(_ zone: String?, id: String = "meter-1") -> Sensor {
        var sensor = Sensor(id: id, kind: .waterLeak)
        (sensor.zone, sensor.ward, sensor.gateway, sensor.timeZone) = (zone, "Aston", "gw-1", "Europe/London")
        (sensor.position, sensor.mounting) = (
            .init(latitude: 52.5, longitude: -1.9), Mounting(depthMM: 1200, fullMM: 90)
        )
        (sensor.address, sensor.asset, sensor.site, sensor.owner) = ("1 Mill Lane", "Main 7", "Market", "Waste North")
        (sensor.neighbours, sensor.sensitivity, sensor.expectedIntervalS) = (["meter-2", "meter-3"], 0.1, 300)
        return sensor
    }

    static func met(_ sequence: Int64, _ zone: String?, before: String?? = nil) -> CommitBatch.NewSensor {
        CommitBatch.NewSensor(
            sequence: sequence, index: SensorIndex(rawValue: 0), sensor: sensor(zone), before: before.map { sensor($0) }
        )
    }

    static func change(_ sequence: Int64, _ content: StreamCommand.Content = .registry) -> LoggedCommand {
        LoggedCommand(
            sequence: sequence, command: StreamCommand(ticket: 0, atMs: midnightMs, content), outcome: .applied)
    }

    /// Met at 1 in zone a, in b from 10 on, in no zone from 20 on; another sensor that never changes is met at 15.
    private static func filled() throws -> TemporaryDirectory {
        let directory = TemporaryDirectory()
        let run = StoreRun(try directory.store())
        run.submit {
            $0.newSensors = [met(1, "a")]
            $0.readings = [reading(2)]
        }
        run.submit {
            $0.commands = [change(10), change(20, .rules(RuleText(hash: "0123", text: "")))]
            $0.newSensors = [
                met(10, "b", before: "a"), newSensor(15, number: 1, id: "meter-2"), met(20, nil, before: "b"),
            ]
            $0.readings = [reading(11), reading(21)]
        }
        run.end()
        return directory
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var after: Int64
        /// The sensor as it is met, and then as it is described otherwise.
        var zones: [String?]
    }

    @Test(arguments: [
        Case(testDescription: "the whole log", after: 0, zones: ["a", "b", nil]),
        Case(testDescription: "before the first change", after: 9, zones: ["a", "b", nil]),
        Case(testDescription: "from a change on", after: 10, zones: ["b", nil]),
        Case(testDescription: "before the last change", after: 19, zones: ["b", nil]),
        Case(testDescription: "behind them all", after: 20, zones: [nil]),
        Case(testDescription: "at the log's end", after: 21, zones: [nil]),
    ])
    func aSensorIsWhatItWasInEachPlace(_ c: Case) throws {
        let directory = try Self.filled()
        defer { directory.remove() }
        let store = try directory.store()
        var found: [Sensor] = []
        var changes: [Int64] = []
        try store.recover(after: c.after) { entry in
            switch entry {
            case .sensor(let met) where met.index.rawValue == 0:
                #expect(met.sequence == 1, "its place in the stream stays")
                found.append(met.sensor)
            case .sensor(let met): #expect(met == newSensor(15, number: 1, id: "meter-2"))
            case .change(let logged, let sensors):
                changes.append(logged.sequence)
                found += sensors
            case .command(let logged): Issue.record("a person's word: \(logged)")
            case .reading, .event: break
            }
        }
        #expect(found == c.zones.map { Self.sensor($0) })
        #expect(changes == [10, 20].filter { $0 > c.after })
        StoreRun(store).end()
    }

    @Test func itsClocksAreKnownAsFarBackAsTheLogGoes() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let run = StoreRun(try directory.store())
        var moved = Self.met(10, "a", before: "a")
        moved.sensor.timeZone = "Europe/Warsaw"
        run.submit { [moved] in
            $0.newSensors = [Self.met(1, "a"), moved]
            $0.commands = [Self.change(10)]
        }
        run.end()
        let store = try directory.store()
        #expect(try store.storedState().timeZones == ["Europe/London", "Europe/Warsaw"])
        StoreRun(store).end()
    }

    @Test func whatNoStartNeedsGoesWithTheLog() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        var store = SteppedStore(directory: directory)
        store.configuration.history.keepLog = .seconds(48 * 3600)
        try store.run { tools in
            try TrimmingTests.commitHours(tools)
            // In the places of ticks, at hours 10, 40 and 90; the log begins at hour 52.
            try tools.db.execute(sql: "DELETE FROM stream_event WHERE sequence IN (1200, 4800, 10800)")
            try tools.commit { batch in
                batch.commands = [1200, 4800, 10_800].map { Self.change($0) }
                batch.newSensors = [
                    Self.met(1200, "a", before: nil as String?), Self.met(4800, "b", before: "a"),
                    Self.met(10_800, "c", before: "b"),
                ]
            }
            try tools.save(turn: 1, upTo: 99 * 120)
            try tools.settle()
            let left = try Int64.fetchAll(tools.db, sql: "SELECT until FROM sensor_past ORDER BY until")
            #expect(left == [10_800])
        }
    }

    /// Requests that are filed from the reserve bring along the sensors that they name, and nothing that only holds behind
    /// a place of the log that is not written yet.
    @Test(.enabled(if: SmallDisk.isAvailable, "only root can mount a file system to fill"))
    func aFullDiskKeepsWhatIsKnownOfSensorsWithTheirLog() async throws {
        let disk = try SmallDisk(megabytes: 16)
        defer { disk.remove() }
        let run = StoreRun(try disk.directory.store(FullDiskTests.configuration))
        let reader = try IssueReader(directory: disk.directory.path)
        run.submit { $0.newSensors = [Self.met(1, "a")] }
        run.waitForCommits(1)
        try await eventually("the reserve is taken") { FullDiskTests.reserve(disk.directory) == 2 << 20 }
        try disk.fill(leavingKilobytes: 64)
        run.submit {
            $0.commands = [Self.change(10)]
            $0.newSensors = [Self.met(10, "b", before: "a"), newSensor(11, number: 1, id: "meter-2")]
            $0.readings = (1...40_000).map { reading(100_000 + $0) }
            $0.requests = [request(1)]
        }
        try await eventually("the request is filed") { try await reader.request(id: 1) != nil }
        #expect(try await reader.sensor(id: "meter-1")?.zone == "a")
        try disk.empty()
        run.waitForCommits(2)
        #expect(try await reader.sensor(id: "meter-1")?.zone == "b")
        run.end()
    }
}
