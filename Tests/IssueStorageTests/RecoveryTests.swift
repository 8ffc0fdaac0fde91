import GRDB
import Incidents
import IssueStorage
import Open311
import Readings
import Testing

@Suite struct RecoveryTests {
    @Test func theLogComesBackAsItWasWrittenAndInOrder() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let run = StoreRun(try directory.store())
        var written: [RecoveredEntry] = []
        var (sequence, sensors): (Int64, UInt32) = (0, 0)
        // Every mixture of the three kinds, over several transactions; a fixed pattern of 1,000 entries.
        for _ in 0..<20 {
            run.submit { batch in
                for _ in 0..<50 {
                    sequence += 1 + sequence % 3  // sequences may have gaps
                    switch sequence % 7 {
                    case 0:
                        batch.newSensors.append(newSensor(sequence, number: sensors, id: "s\(sensors)"))
                        written.append(.sensor(newSensor(sequence, number: sensors, id: "s\(sensors)")))
                        sensors += 1
                    case 1:
                        let event = StreamEvent(
                            sequence: sequence, kind: sequence % 2 == 0 ? .tick : .heard, source: 3,
                            sensor: sequence % 2 == 0 ? nil : SensorIndex(rawValue: sensors),
                            atMs: midnightMs - sequence)
                        batch.events.append(event)
                        written.append(.event(event))
                    default:
                        let logged = reading(
                            sequence, sensor: sensors, atMs: midnightMs - sequence * 7,
                            value: Double(sequence) * 0.1, counter: sequence % 2 == 0 ? -1 : Int32(sequence),
                            flags: sequence % 5 == 0 ? [.late, .conflict] : [])
                        batch.readings.append(logged)
                        written.append(.reading(logged))
                    }
                }
            }
        }
        run.end()
        let store = try directory.store()
        var recovered: [RecoveredEntry] = []
        try store.recover { recovered.append($0) }
        #expect(recovered == written)
        #expect(try store.storedState().lastSequence == sequence)
    }

    @Test(arguments: [
        (-Double.greatestFiniteMagnitude, "largest"), (Double.leastNonzeroMagnitude, "smallest"), (0.1, "not exact"),
        (1e15, "whole"), (9_007_199_254_740_992, "53 bits"), (9_223_372_036_854_775_808, "beyond an integer"),
    ])
    func valuesComeBackToTheBit(_ value: Double, _ name: String) throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try directory.commitOnce { $0.readings = [reading(1, value: value)] }
        var bits: UInt64?
        try directory.store().recover { if case .reading(let logged) = $0 { bits = logged.reading.value.bitPattern } }
        #expect(bits == value.bitPattern, "\(name)")
    }

    @Test func anEmptyStoreHasNothingToRecover() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let store = try directory.store()
        try store.recover { Issue.record("unexpected \($0)") }
        let state = try store.storedState()
        #expect(
            state == StoredState(lastSequence: 0, requestIDs: [:], lastUpdates: [:], openRequests: [], timeZones: []))
    }

    @Test func whatVisitThrowsEndsTheWalk() throws {
        struct Enough: Error {}
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try directory.commitOnce { $0.readings = [reading(1), reading(2)] }
        var count = 0
        #expect(throws: Enough.self) {
            try directory.store().recover { _ in
                count += 1
                throw Enough()
            }
        }
        #expect(count == 1)
    }

    @Test func aStartReadsNothingOfRequestsThatWereClosedLongAgo() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try SteppedStore(directory: directory).run { tools in
            try tools.commit { batch in
                batch.requests = [
                    request(1, key: "still-open"),
                    request(2, key: Notice.keyPrefix + "store-damage/x", status: .closed),
                    request(3, key: "closed", status: .closed),
                ]
                batch.updates = [1, 2, 3].map {
                    RequestUpdate(requestID: $0, number: 4, atMs: midnightMs, status: .open, text: "")
                }
            }
            // Years of requests, and then what the log still tells of.
            try tools.db.execute(
                sql: """
                    WITH RECURSIVE n(n) AS (SELECT 4 UNION ALL SELECT n + 1 FROM n WHERE n < 60000)
                    INSERT INTO request (id, incident_key, service, status, status_notes, title, description, notice, \
                    requested_at, updated_at, severity, first_seen, last_seen, detector, detector_version, sensor_id, \
                    sensor_count, unit)
                    SELECT n, 'old-' || n, 'bin-full', 'closed', '', '', '', '', ? + n, ? + n, 2, 0, 0, '', 1, '', 1, ''
                    FROM n
                    """, arguments: [midnightMs, midnightMs])
            try tools.commit { $0.readings = [reading(1, atMs: midnightMs + 30_000)] }
            try tools.commit { $0.requests = [request(60_001, key: "newest", atMs: midnightMs + 90_000)] }

            let state = try StoredState(tools.db)
            // Those raised since the log's first reading arrived, the open one, and what Sluice raised about itself.
            #expect(state.requestIDs.count == 29_602 + 2)
            #expect(state.requestIDs["still-open"] == 1)
            #expect(state.requestIDs[Notice.keyPrefix + "store-damage/x"] == 2)
            #expect(state.requestIDs["closed"] == nil)
            #expect(state.requestIDs["old-30400"] == 30_400 && state.requestIDs["old-30399"] == nil)
            #expect(state.requestIDs.values.max() == 60_001)
            #expect(state.lastUpdates == [1: 4])
            // Without a log the newest are known all the same: they may be filed ahead of their readings.
            try tools.db.execute(sql: "DELETE FROM reading")
            #expect(try StoredState(tools.db).requestIDs.count == 20_001 + 2)
        }
        let store = try directory.store()
        #expect(try store.lastUpdates(ofRequests: [1, 2, 3, 70_000]) == [1: 4, 2: 4, 3: 4])
        store.stop()
    }

    @Test func theStoredStateNamesEveryRequestAndHoldsTheOpenOnes() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let closed = request(2, status: .closed)
        try directory.commitOnce { batch in
            var sensor = newSensor(1)
            sensor.sensor.timeZone = "Europe/London"
            batch.newSensors = [sensor]
            batch.requests = [request(1), closed]
            batch.updates = [1, 2].map {
                RequestUpdate(requestID: 1, number: $0, atMs: midnightMs, status: .open, text: "")
            }
        }
        let state = try directory.store().storedState()
        #expect(state.requestIDs == [request(1).incidentKey: 1, closed.incidentKey: 2])
        #expect(state.lastUpdates == [1: 2])
        #expect(state.openRequests == [request(1)])
        #expect(state.timeZones == ["Europe/London"])
    }
}
