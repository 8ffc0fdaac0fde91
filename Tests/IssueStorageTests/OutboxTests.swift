import Foundation
import GRDB
import Incidents
import IssueStorage
import Open311
import Testing

@Suite struct OutboxTests {
    private func destination(
        _ name: String, _ kind: OutboxDestination.Kind = .webhook,
        _ change: (inout OutboxDestination) -> Void = { _ in }
    ) -> OutboxDestination {
        var destination = OutboxDestination(name: name, kind: kind)
        change(&destination)
        return destination
    }

    private func update(_ request: Int64, _ number: Int, _ status: ServiceRequest.Status = .open) -> RequestUpdate {
        RequestUpdate(
            requestID: request, number: number, atMs: midnightMs + Int64(number), status: status, text: "text \(number)"
        )
    }

    /// Lines like "a: 7-1 7-2", by destination.
    private func queue(_ db: Database, state: String = "queued") throws -> [String: [String]] {
        let sql = """
            SELECT d.name, o.request_id || '-' || o.number AS change FROM outbox AS o
            JOIN outbox_destination AS d ON d.number = o.destination WHERE o.state = ? ORDER BY o.id
            """
        return Dictionary(
            grouping: try Row.fetchAll(db, sql: sql, arguments: [state]), by: { $0["name"] as String }
        ).mapValues { $0.map { $0["change"] } }
    }

    private func stepped<Value>(_ body: (SteppedStore.Tools) throws -> Value) throws -> Value {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        return try SteppedStore(directory: directory).run(body)
    }

    private func configure(_ tools: SteppedStore.Tools, _ destinations: [OutboxDestination]) throws {
        try tools.db.inTransaction {
            try OutboxWriter.configure(destinations, in: tools.db, nowMs: midnightMs)
            return .commit
        }
    }

    @Test func eachPublicChangeIsQueuedOnceForEachDestination() throws {
        try stepped { tools in
            try configure(tools, [destination("a"), destination("b")])
            try tools.commit { batch in
                batch.requests = [request(1)]
                batch.updates = [update(1, 1), update(1, 2)]
            }
            #expect(try queue(tools.db) == ["a": ["1-1", "1-2"], "b": ["1-1", "1-2"]])
        }
    }

    @Test func aReplayThatWritesStoredChangesAgainQueuesNothing() throws {
        try stepped { tools in
            try configure(tools, [destination("a")])
            let fill: (CommitBatch) -> Void = { batch in
                batch.requests = [request(1)]
                batch.updates = [update(1, 1)]
            }
            try tools.commit(fill)
            let id = try #require(try Int64.fetchOne(tools.db, sql: "SELECT id FROM outbox"))
            try OutboxWriter.apply([.delivered(id: id, atMs: midnightMs)], in: tools.db)
            try tools.commit(fill)
            #expect(try tools.count("outbox") == 0)
            #expect(try tools.count("outbox_destination", "delivered = 1") == 1)
        }
    }

    @Test func whatIsFiledAloneOnAFullDiskIsQueuedOnce() throws {
        try stepped { tools in
            try configure(tools, [destination("a")])
            let batch = CommitBatch()
            batch.requests = [request(1)]
            batch.updates = [update(1, 1)]
            try tools.committer.fileRequests(of: [batch])
            try tools.committer.commit([batch])
            #expect(try queue(tools.db) == ["a": ["1-1"]])
        }
    }

    struct Filter: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var filter: @Sendable (inout OutboxDestination) -> Void
        var wanted: [String]
    }

    @Test(arguments: [
        Filter(testDescription: "everything", filter: { _ in }, wanted: ["1-1", "1-2", "1-3", "2-1"]),
        Filter(testDescription: "a service", filter: { $0.services = [.binFull] }, wanted: ["2-1"]),
        Filter(testDescription: "no service", filter: { $0.services = [] }, wanted: []),
        Filter(testDescription: "a ward", filter: { $0.wards = ["Süd \"\\ 1"] }, wanted: ["2-1"]),
        Filter(testDescription: "severity", filter: { $0.leastSeverity = 3 }, wanted: ["1-1", "1-2", "1-3"]),
        Filter(
            testDescription: "opened and closed", filter: { $0.isStatusOnly = true }, wanted: ["1-1", "1-3", "2-1"]),
    ])
    func aDestinationGetsWhatItsFilterWants(_ filter: Filter) throws {
        try stepped { tools in
            try configure(tools, [destination("a", .webhook, filter.filter)])
            try tools.commit { batch in
                var (grave, light) = (request(1), request(2, service: .binFull))
                (grave.severity, light.severity) = (3, 1)
                (grave.ward, light.ward) = (nil, "Süd \"\\ 1")
                batch.requests = [grave, light]
                batch.updates = [update(1, 1), update(1, 2), update(1, 3, .closed), update(2, 1)]
            }
            #expect(try queue(tools.db)["a", default: []] == filter.wanted)
        }
    }

    @Test func aNewDestinationStartsNowOrAtTheBeginning() throws {
        try stepped { tools in
            try tools.commit { batch in
                batch.requests = [request(1)]
                batch.updates = [update(1, 1)]
            }
            try configure(tools, [destination("new"), destination("all") { $0.startsAtBeginning = true }])
            try tools.commit { $0.updates = [update(1, 2)] }
            #expect(try queue(tools.db) == ["new": ["1-2"], "all": ["1-1", "1-2"]])
            // A second start is no beginning.
            try configure(tools, [destination("new"), destination("all") { $0.startsAtBeginning = true }])
            #expect(try tools.count("outbox") == 3)
        }
    }

    @Test func aRemovedDestinationIsRetiredAndItsReturnStartsNow() throws {
        try stepped { tools in
            try configure(tools, [destination("a")])
            try tools.commit { batch in
                batch.requests = [request(1)]
                batch.updates = [update(1, 1)]
            }
            try configure(tools, [])
            try tools.commit { $0.updates = [update(1, 2)] }
            #expect(try queue(tools.db).isEmpty)
            #expect(try queue(tools.db, state: "retired") == ["a": ["1-1"]])
            var all = OutboxSelection()
            all.states = ["retired", "dead"]
            #expect(try OutboxWriter.retry(all, in: tools.db, nowMs: midnightMs) == 0)
            try configure(tools, [destination("a")])
            try tools.commit { $0.updates = [update(1, 3)] }
            #expect(try queue(tools.db) == ["a": ["1-3"]])
            #expect(try OutboxWriter.retry(all, in: tools.db, nowMs: midnightMs) == 1)
            #expect(try queue(tools.db) == ["a": ["1-1", "1-3"]])
        }
    }

    @Test func stewardsHearOfWhatTheyLookAfter() throws {
        try stepped { tools in
            try configure(tools, [destination("s", .stewards)])
            try tools.db.execute(
                sql: "INSERT INTO steward VALUES ('bin-7', 'Ann', 'webhook', 'https://example.org', 0)")
            try tools.commit { batch in
                var (theirs, other) = (request(1), request(2))
                (theirs.sensorID, other.sensorID) = ("bin-7", "bin-8")
                batch.requests = [theirs, other]
                batch.updates = [update(1, 1), update(2, 1)]
            }
            #expect(try queue(tools.db) == ["s": ["1-1"]])
        }
    }

    @Test func nothingOfARequestOvertakesAnother() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let store = try directory.store()
        try store.configureOutbox([destination("a")], nowMs: midnightMs)
        let run = StoreRun(store)
        run.submit { batch in
            batch.requests = [request(1), request(2)]
            batch.updates = [update(1, 1), update(2, 1), update(1, 2)]
        }
        run.waitForCommits(1)
        let reader = try IssueReader(directory: directory.path)
        func due() async throws -> [String] {
            let items = try await reader.outboxDue(1, nowMs: .max / 2, laterThanMs: .max, limit: 10)
            return items.map { "\($0.requestID)-\($0.number)" }
        }
        #expect(try await due() == ["1-1", "2-1"])
        // One that waits holds up its own request alone.
        let far = Int64.max / 2 + 1
        try await store.record([.failed(id: 1, atMs: 1, dueAtMs: far, reason: "no", isUnclear: false)])
        #expect(try await due() == ["2-1"])
        // Given up, and surely not delivered: the next may go.
        try await store.record([.dead(id: 1, atMs: 1, reason: "no", isUnclear: false)])
        #expect(Set(try await due()) == ["1-2", "2-1"])
        // Given up, and perhaps delivered: a person decides first.
        try await store.record([.dead(id: 1, atMs: 1, reason: "no", isUnclear: true)])
        #expect(try await due() == ["2-1"])
        run.end()
    }

    @Test func sweepingGivesUpWhatIsTooOldAndForgetsWhatWasGivenUpLongAgo() throws {
        try stepped { tools in
            try configure(tools, [destination("a")])
            try tools.commit { batch in
                batch.requests = [request(1), request(2)]
                batch.updates = [update(1, 1), update(2, 1)]
            }
            try tools.db.execute(sql: "UPDATE outbox SET queued_at = 100 * id")
            let first = try OutboxWriter.sweep(queuedBeforeMs: 150, deadBeforeMs: 0, nowMs: 1000, in: tools.db)
            #expect(first == (1, 0))
            #expect(try queue(tools.db, state: "dead") == ["a": ["1-1"]])
            let second = try OutboxWriter.sweep(queuedBeforeMs: 150, deadBeforeMs: 2000, nowMs: 3000, in: tools.db)
            #expect(second == (0, 1))
            #expect(try queue(tools.db) == ["a": ["2-1"]])
        }
    }
}
