import Forwarding
import GRDB
import IssueStorage
import Open311
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct CityTests {
    private func destination(
        _ server: ScriptedServer, _ repetition: CityTarget.Repetition, _ change: (inout CityTarget) -> Void = { _ in }
    ) -> Destination {
        var target = CityTarget(url: server.url, key: "k3y")
        target.repetition = repetition
        target.limit = .seconds(2)
        target.settling = .milliseconds(50)
        change(&target)
        return Destination(outbox: OutboxDestination(name: "city-b", kind: .georeport), target: .city(target))
    }

    @Test func aRequestIsFiledOnceAndItsChangesFollowInOrder() async throws {
        let city = FakeCity()
        let server = try await city.server()
        let bench = try await OutboxBench([destination(server, .search) { $0.codes = [.waterLeak: "017"] }])
        try await bench.file(7, changes: 3, closed: true)
        try await bench.settled()
        let form = try #require(city.filed.first)
        #expect(city.filed.count == 1)
        #expect(form["api_key"] == "k3y")
        #expect(form["service_code"] == "017")
        #expect((form["lat"], form["long"]) == ("52.5", "-1.9"))
        let lines = (form["description"] ?? "").split(separator: "\n")
        #expect(lines.first == "It leaks.")
        #expect(lines.last?.hasPrefix("Reference: sluice-") == true)
        #expect(city.updates.map { $0["description"] } == ["change 2 of 7", "change 3 of 7"])
        #expect(city.updates.map { $0["status"] } == ["OPEN", "CLOSED"])
        #expect(city.updates.map { $0["service_request_id"] } == ["100", "100"])
        #expect(city.updates.allSatisfy { $0["updated_datetime"]?.hasSuffix("Z") == true })
        try await bench.end()
    }

    /// GeoReport has no field for it.
    @Test(
        arguments: [
            (4, .sensor, "Severity: at once (4 of 4)."), (3, .sensor, "Severity: urgent, today (3 of 4)."),
            (2, .sensor, "Severity: soon, within days (2 of 4)."), (1, .sensor, "Severity: low (1 of 4)."),
            (2, .person, nil),
        ] as [(Int, ServiceRequest.Origin, String?)])
    func howGraveItIsIsSaidInWords(_ severity: Int, _ origin: ServiceRequest.Origin, _ words: String?) async throws {
        let city = FakeCity()
        let server = try await city.server()
        let bench = try await OutboxBench([destination(server, .search)])
        var request = OutboxBench.request(7)
        (request.severity, request.origin) = (severity, origin)
        try await bench.commit([request], [OutboxBench.update(7, 1)])
        try await bench.settled()
        let lines = try #require(city.filed.first?["description"]).split(separator: "\n").map(String.init)
        #expect(lines.first == request.description.split(separator: "\n").first.map(String.init) ?? request.title)
        #expect(lines.filter { $0.hasPrefix("Severity") } == [words].compactMap { $0 })
        #expect(lines.last?.hasPrefix("Reference: sluice-") == true)
        try await bench.end()
    }

    /// To FixMyStreet, and to us, "duplicate" closes.
    @Test func aDuplicateThatIsOpenIsNotClosedElsewhere() async throws {
        let city = FakeCity()
        let server = try await city.server()
        let bench = try await OutboxBench([destination(server, .search)])
        try await bench.file(7)
        var update = OutboxBench.update(7, 2)
        update.word = .duplicate
        var request = OutboxBench.request(7)
        (request.word, request.parentID) = (.duplicate, 3)
        try await bench.commit([request], [update])
        try await bench.settled()
        #expect(city.updates.map { $0["status"] } == ["OPEN"])
        try await bench.end()
    }

    @Test func aTimeLimitMayBeAFractionOfASecond() async throws {
        let city = FakeCity()
        let server = try await city.server()
        let bench = try await OutboxBench([destination(server, .search) { $0.limit = .milliseconds(900) }])
        try await bench.file(1)
        try await bench.settled()
        #expect(city.filed.count == 1)
        try await bench.end()
    }

    @Test func aLongDescriptionIsCutSoThatTheMarkFits() async throws {
        let city = FakeCity()
        let server = try await city.server()
        let bench = try await OutboxBench([destination(server, .hold)])
        try await bench.file(1, text: String(repeating: "é", count: 4000))
        try await bench.settled()
        let text = try #require(city.filed.first?["description"])
        #expect(text.count == 4000)
        #expect(text.split(separator: "\n").last?.hasPrefix("Reference: sluice-") == true)
        try await bench.end()
    }

    struct Silence: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var whims: [FakeCity.Whim]
        /// Nobody answered, so it may or may not be there; in the end it is, once.
        var repetition = CityTarget.Repetition.search
    }

    @Test(arguments: [
        Silence(testDescription: "taken, and nobody answered", whims: [.takeAndHang]),
        Silence(testDescription: "taken, and the connection broke", whims: [.takeAndDrop]),
        Silence(testDescription: "taken, and the answer was a web page", whims: [.takeAndBabble]),
        Silence(testDescription: "not taken, and the connection broke", whims: [.drop]),
        Silence(testDescription: "not taken twice, then taken in silence", whims: [.drop, .drop, .takeAndHang]),
        Silence(testDescription: "not taken, with an error of the server", whims: [.answer(502, "bad gateway")]),
    ])
    func whatNobodyAnsweredIsLookedForAndNeverFiledTwice(_ silence: Silence) async throws {
        let city = FakeCity()
        let server = try await city.server()
        let bench = try await OutboxBench([destination(server, silence.repetition)])
        // One that goes well shows that the server lists what we file.
        try await bench.file(1)
        try await bench.settled()
        city.whim("/requests.json", silence.whims)
        try await bench.file(2, changes: 2)
        try await bench.settled()
        #expect(city.filed.count == 2)
        #expect(city.updates.map { $0["service_request_id"] } == ["101"])
        #expect(try await bench.items("dead").isEmpty)
        try await bench.end()
    }

    @Test(arguments: [
        Silence(testDescription: "taken, and nobody answered", whims: [.takeAndHang]),
        Silence(testDescription: "not taken, and the connection broke", whims: [.drop]),
    ])
    func anUpdateThatNobodyAnsweredIsLookedForToo(_ silence: Silence) async throws {
        let city = FakeCity()
        let server = try await city.server()
        let bench = try await OutboxBench([destination(server, .search)])
        city.whim("/servicerequestupdates.json", silence.whims)
        try await bench.file(1, changes: 3)
        try await bench.settled()
        #expect(city.updates.map { $0["description"] } == ["change 2 of 1", "change 3 of 1"])
        try await bench.end()
    }

    @Test(arguments: [CityTarget.Repetition.search, .hold])
    func whereNothingCanBeLookedUpAPersonDecides(_ repetition: CityTarget.Repetition) async throws {
        let city = FakeCity()
        city.state.withLock { $0.isListing = false }
        let server = try await city.server()
        let bench = try await OutboxBench([destination(server, repetition)])
        city.whim("/requests.json", [.takeAndDrop])
        try await bench.file(1, changes: 2)
        try await eventually("it is given up") { try await bench.items("dead").count == 1 }
        let held = try #require(try await bench.items("dead").first)
        #expect(held.unclearSinceMs != nil)
        // What follows does not file it anew.
        #expect(try await bench.items("queued").map(\.number) == [2])
        #expect(city.filed.count == 1)
        // The person has found it there.
        _ = try await bench.store.perform { db in
            try OutboxWriter.settle(held.id, filedAs: "100", in: db, nowMs: OutboxBench.nowMs())
        }
        bench.ring()
        try await bench.settled()
        #expect(city.filed.count == 1)
        #expect(city.updates.map { $0["service_request_id"] } == ["100"])
        try await bench.end()
    }

    /// Not to be seen among the newest is not the same as not to be there.
    @Test func whereTooMuchIsNewerAPersonDecides() async throws {
        let city = FakeCity()
        let server = try await city.server()
        let bench = try await OutboxBench([destination(server, .search)])
        try await bench.file(1)
        try await bench.settled()
        city.state.withLock { $0.newer = 10_000 }
        city.whim("/requests.json", [.takeAndDrop])
        try await bench.file(2)
        try await eventually("it is given up") { try await bench.items("dead").count == 1 }
        #expect(city.filed.count == 2)
        let held = try #require(try await bench.items("dead").first)
        #expect(held.reason?.contains("newest 4000") == true, "\(held)")
        try await bench.end()
    }

    struct ShortList: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var paging: FakeCity.Paging
        /// As ``FakeCity/State/hoursAgo``, of 60 requests of others that came after ours.
        var hoursAgo: [Int] = []
    }

    /// `page` is no part of GeoReport: such a list ends, and says nothing of what is behind its end.
    @Test(arguments: [
        ShortList(testDescription: "it lists its newest again", paging: .ignored),
        ShortList(testDescription: "it refuses what it does not know", paging: .refused),
        ShortList(testDescription: "all of its newest are of this hour", paging: .ignored, hoursAgo: [0]),
        ShortList(testDescription: "its clock may be wrong by hours", paging: .ignored, hoursAgo: [0, 14]),
        ShortList(testDescription: "it lists what was touched last", paging: .ignored, hoursAgo: [200, 0, 200]),
        ShortList(testDescription: "it lists its oldest", paging: .refused, hoursAgo: [200, 100, 0]),
    ])
    func whereTheListIsCutNothingIsFiledTwice(_ list: ShortList) async throws {
        let city = FakeCity()
        let server = try await city.server()
        let bench = try await OutboxBench([destination(server, .search)])
        try await bench.file(1)
        try await bench.settled()
        city.state.withLock { ($0.newer, $0.paging, $0.hoursAgo) = (60, list.paging, list.hoursAgo) }
        city.whim("/requests.json", [.takeAndDrop])
        try await bench.file(2)
        try await eventually("it is given up") { try await bench.items("dead").count == 1 }
        #expect(city.filed.count == 2)
        #expect(try await bench.items("dead").first?.reason?.contains("newest 50") == true)
        try await bench.end()
    }

    /// Newest first, and back to last week: ours would be among them.
    @Test(arguments: [FakeCity.Paging.ignored, .refused])
    func whatAListThatGoesBackFurtherDoesNotHoldIsFiledAgain(_ paging: FakeCity.Paging) async throws {
        let city = FakeCity()
        let server = try await city.server()
        let bench = try await OutboxBench([destination(server, .search)])
        try await bench.file(1)
        try await bench.settled()
        city.state.withLock { ($0.newer, $0.paging, $0.hoursAgo) = (60, paging, [0, 1, 170]) }
        city.whim("/requests.json", [.drop])
        try await bench.file(2)
        try await bench.settled()
        #expect(city.filed.count == 2)
        #expect(try await bench.items("dead").isEmpty)
        try await bench.end()
    }

    @Test func aPersonWhoKnowsThatItIsNotThereHasItFiledAgain() async throws {
        let city = FakeCity()
        let server = try await city.server()
        let bench = try await OutboxBench([destination(server, .hold)])
        city.whim("/requests.json", [.drop])
        try await bench.file(1)
        try await eventually("it is given up") { try await bench.items("dead").count == 1 }
        var all = OutboxSelection()
        all.states = ["dead"]
        let selection = all
        _ = try await bench.store.perform { db in
            try OutboxWriter.retry(selection, isSure: true, in: db, nowMs: OutboxBench.nowMs())
        }
        bench.ring()
        try await bench.settled()
        #expect(city.filed.count == 1)
        #expect(try await bench.items("dead").isEmpty)
        try await bench.end()
    }

    @Test func anotherSluiceIsAskedAgainWithTheSameKey() async throws {
        let server = try await ScriptedServer { call, before in
            before == 0 ? .drop : .answer(200, #"[{"service_request_id":"5"}]"#)
        }
        let bench = try await OutboxBench([destination(server, .idempotent)])
        try await bench.file(1)
        try await bench.settled()
        #expect(server.calls.map(\.method) == ["POST", "POST"])
        #expect(Set(server.calls.compactMap { $0.headers["idempotency-key"] }).count == 1)
        try await bench.end()
    }

    @Test func aTokenIsExchangedForTheNumber() async throws {
        let city = FakeCity()
        let server = try await city.server()
        let bench = try await OutboxBench([destination(server, .search)])
        city.whim("/requests.json", [.token("t o/ken")])
        try await bench.file(1, changes: 2)
        try await eventually("the token is known") {
            try await bench.items("queued").first?.foreign?.token == "t o/ken"
        }
        #expect(city.updates.isEmpty)
        city.state.withLock { $0.tokens["t%20o%2Fken"] = "100" }
        // Nobody waits for the next look in a test.
        try await bench.store.perform { db in try db.execute(sql: "UPDATE outbox SET due_at = 0") }
        bench.ring()
        try await bench.settled()
        #expect(city.filed.count == 1)
        #expect(city.updates.map { $0["service_request_id"] } == ["100"])
        try await bench.end()
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var status: Int
        var isGivenUp: Bool
    }

    @Test(arguments: [
        Refusal(testDescription: "400, a missing attribute for example", status: 400, isGivenUp: true),
        Refusal(testDescription: "404, an unknown service", status: 404, isGivenUp: true),
        Refusal(testDescription: "403, until the key is mended", status: 403, isGivenUp: false),
        Refusal(testDescription: "429", status: 429, isGivenUp: false),
    ])
    func anErrorIsRepeatedOrGivenUp(_ refusal: Refusal) async throws {
        let city = FakeCity()
        let server = try await city.server()
        let bench = try await OutboxBench([destination(server, .search)])
        let text = #"[{"code":\#(refusal.status),"description":"no"}]"#
        city.whim("/requests.json", [.answer(refusal.status, text)])
        try await bench.file(1)
        try await bench.settled()
        let dead = try await bench.items("dead")
        #expect(dead.map(\.reason) == (refusal.isGivenUp ? ["HTTP \(refusal.status): \(text)"] : []))
        #expect(city.filed.count == (refusal.isGivenUp ? 0 : 1))
        try await bench.end()
    }

    @Test func aKillBetweenTheAnswerAndOurNoteOfItFilesNothingTwice() async throws {
        let city = FakeCity()
        let server = try await city.server()
        let first = try await OutboxBench([destination(server, .search)])
        try await first.file(1)
        try await first.settled()
        try await first.file(2)
        try await first.settled()
        try await first.stopForwarding()
        // As the database would stand had the daemon been killed when the answer was under way.
        try await first.store.perform { db in
            try db.execute(sql: "DELETE FROM outbox_foreign WHERE request_id = 2")
            try db.execute(
                sql: """
                    INSERT INTO outbox (destination, request_id, number, queued_at, state, due_at, unclear_since)
                    VALUES (1, 2, 1, 1, 'queued', 1, 1)
                    """)
        }
        try await first.end()
        let second = try await OutboxBench([destination(server, .search)], folder: first.folder)
        try await second.file(2, changes: 2)
        try await second.settled()
        #expect(city.filed.count == 2)
        #expect(city.updates.map { $0["service_request_id"] } == ["101"])
        try await second.end()
    }

    @Test func whatCameFromAnotherCityIsNotSentOn() async throws {
        let city = FakeCity()
        let server = try await city.server()
        let bench = try await OutboxBench([destination(server, .search)])
        try await bench.file(1, text: "It leaks.\nReference: sluice-0123456789abcdef-4")
        try await bench.settled()
        #expect(city.filed.isEmpty)
        #expect(try await bench.standing("city-b")?.delivered == 0)
        try await bench.end()
    }

    @Test func aRequestThatAFilterLetThroughLateArrivesWholeAndWithThatChange() async throws {
        let city = FakeCity()
        let server = try await city.server()
        var destination = destination(server, .search)
        destination.outbox.leastSeverity = 3
        let bench = try await OutboxBench([destination])
        var request = OutboxBench.request(1)
        request.severity = 2
        try await bench.commit([request], [OutboxBench.update(1, 1)])
        request.severity = 3
        try await bench.commit([request], [OutboxBench.update(1, 2)])
        try await bench.settled()
        #expect(city.filed.count == 1)
        #expect(city.updates.map { $0["description"] } == ["change 2 of 1"])
        try await bench.end()
    }
}
