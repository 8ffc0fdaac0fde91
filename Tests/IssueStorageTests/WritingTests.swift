import Detection
import GRDB
import Incidents
import IssueStorage
import Open311
import Readings
import SPSCRing
import TestSupport
import Testing

@Suite struct WritingTests {
    @Test func everyFieldComesBackAsItWas() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let requests = [request(1), fullRequest(2, related: 1)]
        let updates = [
            RequestUpdate(requestID: 2, number: 1, atMs: midnightMs, status: .open, text: "Opened"),
            RequestUpdate(requestID: 2, number: 2, atMs: midnightMs + 1, status: .closed, text: "Cleared"),
        ]
        let incidents = [incident("a", request: 2), incident("b", request: 2, state: .resolved)]
        try directory.commitOnce { batch in
            batch.newSensors = [newSensor(1)]
            (batch.requests, batch.updates, batch.incidents) = (requests, updates, incidents)
        }
        let reader = try IssueReader(directory: directory.path)
        #expect(try await reader.request(id: 1) == requests[0])
        #expect(try await reader.request(id: 2) == requests[1])
        #expect(try await reader.request(id: 3) == nil)
        #expect(try await reader.updates(ofRequest: 2) == updates)
        #expect(try await reader.incidents(ofRequest: 2) == incidents)
    }

    @Test func aReplayedRequestUpdatesTheFirstOne() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let run = StoreRun(try directory.store())
        run.submit { $0.requests = [request(1, key: "leak/abbey/burst/0")] }
        // A replay that lost count: the same incident under another id, now closed.
        run.submit { $0.requests = [request(5, key: "leak/abbey/burst/0", status: .closed)] }
        run.submit { $0.requests = [request(2, key: "leak/abbey/burst/1")] }
        run.end()
        let stored = try await IssueReader(directory: directory.path).requests(RequestQuery())
        #expect(stored.map(\.id) == [2, 1])
        #expect(stored.map(\.status) == [.open, .closed])
    }

    @Test func aReplayedIncidentOrUpdateReplacesItself() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let run = StoreRun(try directory.store())
        let line = RequestUpdate(requestID: 1, number: 1, atMs: midnightMs, status: .open, text: "Opened")
        for state in [IncidentRecord.State.firing, .resolved] {
            run.submit { batch in
                batch.newSensors = [newSensor(1)]
                batch.requests = [request(1)]
                batch.incidents = [incident("a", request: 1, state: state)]
                batch.updates = [line]
            }
        }
        run.end()
        let reader = try IssueReader(directory: directory.path)
        #expect(try await reader.incidents(ofRequest: 1) == [incident("a", request: 1, state: .resolved)])
        #expect(try await reader.updates(ofRequest: 1) == [line])
    }

    @Test func aNumberWithoutAValueCostsNoRequest() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        var odd = request(1)
        (odd.observed, odd.score) = (.nan, .infinity)
        try directory.commitOnce { $0.requests = [odd] }
        let stored = try await IssueReader(directory: directory.path).request(id: 1)
        #expect(stored?.observed.isNaN == true)
        #expect(stored?.score == .infinity)
    }

    struct BadRow: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var add: @Sendable (CommitBatch) -> Void
    }

    @Test(arguments: [
        BadRow(testDescription: "a sequence used twice") { $0.readings.append(reading(1, value: 99)) },
        BadRow(testDescription: "an event's sequence used twice") {
            $0.events.append(StreamEvent(sequence: 50, kind: .connectionUp, source: 0, atMs: 0))
        },
        BadRow(testDescription: "an incident of a sensor nobody met") {
            var stray = incident("stray", request: 1)
            stray.sensor = SensorIndex(rawValue: 77)
            $0.incidents.append(stray)
        },
        BadRow(testDescription: "an update of no request") {
            $0.updates.append(RequestUpdate(requestID: 404, number: 1, atMs: 0, status: .open, text: ""))
        },
        BadRow(testDescription: "a second request under a used id") { $0.requests.append(request(1, key: "other")) },
        BadRow(testDescription: "a number that is another sensor's") {
            $0.newSensors.append(newSensor(60, number: 0, id: "impostor"))
        },
    ])
    func aRowThatBreaksARuleCostsOnlyItself(_ c: BadRow) async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let run = StoreRun(try directory.store())
        run.submit { batch in
            batch.newSensors = [newSensor(10)]
            batch.readings = [reading(1)]
            batch.events = [StreamEvent(sequence: 50, kind: .tick, source: 0, atMs: midnightMs)]
            batch.requests = [request(1)]
            batch.incidents = [incident("a", request: 1)]
        }
        run.submit { batch in
            c.add(batch)
            batch.readings.append(reading(2))
            batch.requests.append(request(2))
            batch.acknowledgements = [.init(source: 0, sequence: 1)]
        }
        run.end()
        #expect(run.cursors[0].sequence == 1)
        let reader = try IssueReader(directory: directory.path)
        let stored = try await reader.readings(sensor: "meter-1", from: 0, to: .max, limit: 10)
        #expect(stored == [reading(1).reading, reading(2).reading])
        #expect(try await reader.requests(RequestQuery()) == [request(2), request(1)])
        #expect(try await reader.incidents(ofRequest: 1).count == 1)
        #expect(try await reader.sensors(limit: 10).map(\.id) == ["meter-1"])
    }

    @Test func aReadingThatBreaksARuleCostsNoneOfItsNeighbours() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        // Long enough for statements that insert many rows and for a rest; the first sequence is used again within.
        var readings = (Int64(1)...100).map { reading($0) }
        readings[40] = reading(1, value: 99)
        try directory.commitOnce { [readings] batch in
            batch.newSensors = [newSensor(1000)]
            batch.readings = readings
        }
        let reader = try IssueReader(directory: directory.path)
        readings.remove(at: 40)
        let stored = try await reader.readings(sensor: "meter-1", from: 0, to: .max, limit: 1000)
        #expect(stored == readings.map(\.reading))
    }

    @Test func aRefusedRowCostsNoneOfThoseThatFollowIt() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try directory.commitOnce { batch in
            batch.newSensors = [newSensor(1000)]
            batch.requests = [request(1)]
            var stray = incident("stray", request: 99)
            stray.key = "stray"
            batch.incidents = [stray, incident("sound", request: 1)]
            batch.updates = [
                RequestUpdate(requestID: 99, number: 1, atMs: 1, status: .open, text: "stray"),
                RequestUpdate(requestID: 1, number: 1, atMs: 1, status: .open, text: "sound"),
            ]
        }
        let reader = try IssueReader(directory: directory.path)
        #expect(try await reader.incidents(ofRequest: 1).count == 1)
        #expect(try await reader.updates(ofRequest: 1).map(\.text) == ["sound"])
    }

    @Test func theLogMovesIntoTheDatabaseWhenNothingWaits() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let run = StoreRun(try directory.store())
        run.submit { batch in batch.readings = (1...250_000).map { reading($0) } }
        run.waitForCommits(1)
        try await eventually("the database file holds the rows before it is closed") {
            run.store.status.databaseBytes > 4 << 20
        }
        run.end()
    }

    @Test func aSensorsEntryMayGrow() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let run = StoreRun(try directory.store())
        run.submit { $0.newSensors = [newSensor(10)] }
        var known = newSensor(10)
        known.sensor.position = Sensor.Position(latitude: 51.5, longitude: -0.12)
        known.sensor.ward = "Abbey"
        known.sensor.zone = "Z1"
        known.sensor.gateway = "gw-1"
        (known.sensor.site, known.sensor.owner, known.sensor.sensitivity) = ("Market square", "Waste", 0.5)
        known.sensor.neighbours = ["meter-2", "meter-3"]
        known.sensor.mounting = Mounting(depthMM: 1200, fullMM: 100)
        known.sensor.address = "1 High Street"
        known.sensor.asset = "Main 7"
        known.sensor.expectedIntervalS = 900
        known.sensor.timeZone = "Europe/London"
        run.submit { [known] in $0.newSensors = [known] }
        run.end()
        let reader = try IssueReader(directory: directory.path)
        #expect(try await reader.sensors(limit: 10) == [known.sensor])
        #expect(try await reader.sensor(id: "meter-1") == known.sensor)
        #expect(try await reader.sensor(id: "meter-2") == nil)
    }

    @Test func quarantineKeepsBytesAndCounts() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        var cut = quarantined(.oversized, topic: "city/\u{0}ü")
        cut.payloadBytes = 100_000
        cut.payloadSHA256 = Array(repeating: 9, count: 32)
        try directory.commitOnce { [cut] batch in
            batch.quarantined = [quarantined(.notJSON), cut, quarantined(.notJSON, topic: "city/y")]
        }
        let reader = try IssueReader(directory: directory.path)
        let entries = try await reader.quarantine(limit: 2)
        #expect(entries.map(\.message) == [quarantined(.notJSON, topic: "city/y"), cut])
        #expect(try await reader.quarantineCounts() == [.notJSON: 2, .oversized: 1])
    }
}
