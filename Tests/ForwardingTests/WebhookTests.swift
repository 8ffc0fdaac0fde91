import Forwarding
import Foundation
import IssueStorage
import Open311
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct WebhookTests {
    private func destination(
        _ server: ScriptedServer, name: String = "desk", concurrency: Int = 4, limit: Duration = .seconds(10)
    ) -> Destination {
        var target = WebhookTarget(url: server.url + "/hook", secret: "s3cret")
        target.concurrency = concurrency
        target.limit = limit
        return Destination(outbox: OutboxDestination(name: name, kind: .webhook), target: .webhook(target))
    }

    @Test func eachChangeArrivesSignedAndInOrder() async throws {
        let server = try await ScriptedServer { _, _ in .answer(204, "") }
        let bench = try await OutboxBench([destination(server)])
        try await bench.file(7, changes: 3, closed: true)
        try await bench.settled()
        let calls = server.calls
        #expect(calls.map { $0.headers["sluice-event"] } == ["request.opened", "request.updated", "request.closed"])
        for call in calls {
            #expect(
                WebhookSignature.isGood(
                    call.headers["sluice-signature"] ?? "", of: call.body,
                    timestamp: call.headers["sluice-timestamp"] ?? "", secret: "s3cret",
                    nowS: OutboxBench.nowMs() / 1000))
            let body = try #require(try JSONSerialization.jsonObject(with: Data(call.body)) as? [String: Any])
            #expect(body["id"] as? String == call.headers["idempotency-key"])
            let request = try #require(body["request"] as? [String: Any])
            #expect(request["service_request_id"] as? String == "7")
        }
        #expect(Set(calls.map { $0.headers["idempotency-key"] }).count == 3)
        #expect(try await bench.standing("desk")?.delivered == 3)
        try await bench.end()
    }

    @Test func aServerThatIsNotThereIsNamedInPlainWords() async throws {
        let server = try await ScriptedServer { _, _ in .answer(200) }
        let gone = destination(server)
        await server.stop()
        let bench = try await OutboxBench([gone])
        try await bench.file(1)
        try await eventually("the first attempt") { try await bench.items("queued").first?.reason != nil }
        #expect(try await bench.items("queued").first?.reason == "no connection: connection refused")
        try await bench.end()
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// What the server does first; afterwards all is well.
        var first: ScriptedServer.Action
        /// How often it is called in all for one change.
        var calls = 2
    }

    @Test(arguments: [
        Fault(testDescription: "500", first: .answer(500)),
        Fault(testDescription: "503", first: .answer(503)),
        Fault(testDescription: "429 with a wait", first: .answer(429, headers: ["Retry-After": "1"])),
        Fault(testDescription: "401, until the secret is mended", first: .answer(401)),
        Fault(
            testDescription: "a redirect, which is not followed", first: .answer(302, headers: ["Location": "/hook"])),
        Fault(testDescription: "hangs", first: .hang),
        Fault(testDescription: "hangs up without an answer", first: .drop),
        Fault(testDescription: "hangs up in the middle of the answer, which had begun well", first: .half, calls: 1),
        Fault(testDescription: "answers without end, and begins well", first: .flood, calls: 1),
    ])
    func aFaultIsSurvivedAndTheRepetitionHasTheSameKey(_ fault: Fault) async throws {
        let server = try await ScriptedServer { _, before in before == 0 ? fault.first : .answer(200) }
        let bench = try await OutboxBench([destination(server, limit: .seconds(2))])
        try await bench.file(1)
        try await bench.settled()
        #expect(server.calls.count == fault.calls)
        #expect(Set(server.calls.map { $0.headers["idempotency-key"] }).count == 1)
        #expect(Set(server.calls.map(\.path)) == ["/hook"])
        #expect(try await bench.items("dead").isEmpty)
        try await bench.end()
    }

    @Test func aServerThatAsksForAWaitGetsIt() async throws {
        let clock = ContinuousClock()
        let server = try await ScriptedServer { _, before in
            before == 0 ? .answer(429, headers: ["Retry-After": "1"]) : .answer(200)
        }
        let bench = try await OutboxBench([destination(server)])
        let start = clock.now
        try await bench.file(1)
        try await bench.settled()
        // Its own wait would be 20 ms at most.
        #expect(clock.now - start >= .milliseconds(950))
        try await bench.end()
    }

    @Test func whatIsRefusedIsGivenUpAndHoldsUpNothing() async throws {
        let server = try await ScriptedServer { call, _ in
            call.text.contains("change 1 of 1\"") ? .answer(422, "no such street") : .answer(200)
        }
        let bench = try await OutboxBench([destination(server)])
        try await bench.file(1, changes: 2)
        try await bench.file(2)
        try await bench.settled()
        let dead = try await bench.items("dead")
        #expect(dead.map(\.update.id) == ["1-1"])
        #expect(dead.first?.reason == "HTTP 422: no such street")
        #expect(try await bench.standing("desk")?.delivered == 2)
        try await bench.end()
    }

    @Test func aChangeThatTheServerChokesOnDoesNotHoldUpOthersForever() async throws {
        let server = try await ScriptedServer { call, _ in
            call.text.contains("change 1 of 1\"") ? .answer(500) : .answer(200)
        }
        let bench = try await OutboxBench([destination(server, concurrency: 1)])
        for id in 1...5 { try await bench.file(Int64(id)) }
        try await eventually("the four others") { try await bench.standing("desk")?.delivered == 4 }
        #expect(try await bench.items("queued").map(\.requestID) == [1])
        try await bench.end()
    }

    /// Alone in its round, again and again: nobody is told that the server is down, and what comes next does not wait.
    @Test func aChangeThatTheServerChokesOnDoesNotCountAsTheServerBeingDown() async throws {
        let server = try await ScriptedServer { call, _ in
            call.text.contains("change 1 of 1\"") ? .answer(500) : .answer(200)
        }
        let bench = try await OutboxBench([destination(server)])
        try await bench.file(2)
        try await eventually("the good one") { try await bench.standing("desk")?.delivered == 1 }
        try await bench.file(1)
        for count in 1...3 {
            try await eventually("attempt \(count)") {
                server.calls.count { $0.text.contains("change 1 of 1\"") } > count
            }
            #expect(bench.statuses.first?.trouble == nil)
        }
        try await bench.file(3)
        try await eventually("the next") { try await bench.standing("desk")?.delivered == 2 }
        #expect(try await bench.items("queued").map(\.requestID) == [1])
        try await bench.end()
    }

    /// A short fault that meets several changes at once must not count as a long one.
    @Test func whatFailsTogetherIsOneFailure() async throws {
        let server = try await ScriptedServer { _, before in before < 4 ? .drop : .hang }
        let destinations = [destination(server, limit: .seconds(60))]
        // Queued before anything is sent: a round that begins in the middle of a commit finds part of it.
        let before = try await OutboxBench(destinations)
        try await before.stopForwarding()
        let ids = (1...4).map(Int64.init)
        try await before.commit(ids.map { OutboxBench.request($0) }, ids.map { OutboxBench.update($0, 1) })
        try await before.end()
        let bench = try await OutboxBench(destinations, folder: before.folder)
        try await eventually("it is tried again") { server.calls.count == 5 }
        #expect(bench.statuses.first?.failuresInARow == 1)
        try await bench.end()
    }

    @Test func aDeadDestinationDelaysNoOther() async throws {
        let dead = try await ScriptedServer { _, _ in .hang }
        let good = try await ScriptedServer { _, _ in .answer(200) }
        let bench = try await OutboxBench([
            destination(dead, name: "dead", limit: .seconds(60)), destination(good, name: "good"),
        ])
        for id in 1...20 { try await bench.file(Int64(id), changes: 2) }
        try await bench.settled("good")
        #expect(try await bench.standing("good")?.delivered == 40)
        #expect(try await bench.standing("dead")?.queued == 40)
        // Bounded: no more are under way than it may have.
        #expect(dead.calls.count <= 4)
        try await bench.end()
    }

    @Test func aServerThatWasDownGetsEverythingOnceItIsBack() async throws {
        let server = try await ScriptedServer { _, _ in .answer(200) }
        await server.stop()
        let bench = try await OutboxBench([destination(server)])
        for id in 1...10 { try await bench.file(Int64(id), changes: 2) }
        try await eventually("it is known to be down") { bench.statuses.first?.trouble != nil }
        try await server.start()
        try await bench.settled()
        #expect(server.calls.count == 20)
        for id in 1...10 {
            let own = server.calls.filter { $0.text.contains("\"service_request_id\":\"\(id)\"") }
            #expect(own.map { $0.headers["sluice-event"] } == ["request.opened", "request.updated"])
        }
        #expect(bench.statuses.first?.trouble == nil)
        try await bench.end()
    }

    @Test func whatIsQueuedAtTheEndIsDeliveredByTheNextRun() async throws {
        let server = try await ScriptedServer { _, _ in .answer(200) }
        await server.stop()
        let first = try await OutboxBench([destination(server)])
        try await first.file(1, changes: 2)
        try await first.end()
        try await server.start()
        let second = try await OutboxBench([destination(server)], folder: first.folder)
        try await second.settled()
        #expect(server.calls.count == 2)
        try await second.end()
    }
}
