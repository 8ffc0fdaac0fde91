import Forwarding
import Foundation
import IssueStorage
import Logging
import MQTTSession
import Open311
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct AlertTests {
    private func session(_ broker: TestBroker, _ name: String) -> SessionConfiguration {
        var session = SessionConfiguration()
        (session.host, session.port, session.clientID) = ("127.0.0.1", broker.port, name)
        (session.username, session.password) = (broker.username, broker.password)
        session.reconnectMs = 20...200
        return session
    }

    private func destination(_ broker: TestBroker, clearsAfter: Duration = .seconds(3600)) -> Destination {
        var target = AlertTarget(session: session(broker, "alerts"))
        target.limit = .seconds(2)
        target.clearsAfter = clearsAfter
        return Destination(outbox: OutboxDestination(name: "alerts", kind: .mqtt), target: .alerts(target))
    }

    @Test func eachRequestHasARetainedStateAndEachChangeIsAnEvent() async throws {
        let broker = try TestBroker()
        let listener = try Subscriber(session(broker, "before"), topics: ["sluice/alerts/#"])
        let bench = try await OutboxBench([destination(broker)])
        try await bench.file(7, changes: 2, ward: "Perry/Barr #1")
        try await bench.settled()
        let place = "sluice/alerts/water-leak/Perry_Barr _1"
        try await eventually("all four messages") { listener.messages.count == 4 }
        #expect(
            listener.messages.map(\.topic) == [
                "\(place)/requests/7", "\(place)/events", "\(place)/requests/7", "\(place)/events",
            ])
        let events = try listener.messages.filter { $0.topic.hasSuffix("events") }.map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.payload)) as? [String: Any])
        }
        #expect(events.map { $0["event"] as? String } == ["opened", "updated"])
        // Who comes later finds the state, and no old events.
        let late = try Subscriber(session(broker, "late"), topics: ["sluice/alerts/#"], takesRetained: true)
        try await eventually("the state") { !late.messages.isEmpty }
        #expect(late.messages.map(\.topic) == ["\(place)/requests/7"])
        try await bench.end()
    }

    @Test func aClosedRequestsStateIsClearedAfterAWhile() async throws {
        let broker = try TestBroker()
        let listener = try Subscriber(session(broker, "before"), topics: ["sluice/alerts/+/+/requests/+"])
        let bench = try await OutboxBench([destination(broker, clearsAfter: .zero)])
        try await bench.file(1, changes: 2, closed: true)
        try await bench.file(2)
        try await bench.settled()
        bench.ring()
        try await eventually("the clearing") { listener.messages.contains { $0.payload.isEmpty } }
        #expect(
            listener.messages.filter(\.payload.isEmpty).map(\.topic) == ["sluice/alerts/water-leak/Aston/requests/1"])
        try await eventually("it is noted") { try await bench.reader.outboxTopic(1, requestID: 1) == nil }
        #expect(try await bench.reader.outboxTopic(1, requestID: 2) != nil)
        try await bench.end()
    }

    /// A registry that was read in the wrong character set has such wards: no broker takes them as topics.
    @Test func aWardsNameThatIsNoTopicHoldsUpNothing() async throws {
        let broker = try TestBroker()
        let listener = try Subscriber(session(broker, "all"), topics: ["sluice/alerts/#"])
        let bench = try await OutboxBench([destination(broker)])
        try await bench.file(1, ward: "King\u{92}s Norton")
        try await bench.file(2, ward: "A\u{FFFE}ston")
        try await bench.file(3)
        try await bench.settled()
        #expect(bench.statuses.first?.trouble == nil)
        try await eventually("all of them") { listener.messages.count == 6 }
        #expect(
            Set(listener.messages.map(\.topic).filter { $0.hasSuffix("events") }) == [
                "sluice/alerts/water-leak/King_s Norton/events", "sluice/alerts/water-leak/A_ston/events",
                "sluice/alerts/water-leak/Aston/events",
            ])
        try await bench.end()
    }

    @Test func aBrokerThatWasDownGetsEverythingOnceItIsBack() async throws {
        let broker = try TestBroker()
        broker.kill()
        let bench = try await OutboxBench([destination(broker)])
        for id in 1...5 { try await bench.file(Int64(id), changes: 2) }
        try await eventually("it is known to be down") { bench.statuses.first?.trouble != nil }
        #expect(try await bench.standing("alerts")?.delivered == 0)
        try broker.restart()
        try await bench.settled()
        #expect(try await bench.standing("alerts")?.delivered == 10)
        try await bench.end()
    }

    @Test func whatTheBrokersRulesRefuseIsNotDelivered() async throws {
        let broker = try TestBroker(lines: ["acl_file DIR/acl"]) { directory in
            try "user tester\ntopic read #\n".write(toFile: "\(directory)/acl", atomically: true, encoding: .utf8)
        }
        let bench = try await OutboxBench([destination(broker)])
        try await bench.file(1)
        try await eventually("it is known to be refused") { bench.statuses.first?.trouble != nil }
        #expect(bench.statuses.first?.trouble?.contains("access rules") == true)
        #expect(try await bench.items("queued").count == 1)
        try await bench.end()
    }
}
