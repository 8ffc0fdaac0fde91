import Forwarding
import Foundation
import IssueStorage
import MQTTSession
import Open311
import TestSupport
import Testing

/// Stewards are told each in his own way, by one destination.
@Suite(.timeLimit(.minutes(3))) struct StewardChannelTests {
    /// The broker that one is told by is down: the other, who has a webhook, hears of everything all the same.
    @Test func aBrokerThatIsDownKeepsNoWebhookBack() async throws {
        let server = try await ScriptedServer { _, _ in .answer(200) }
        let broker = try TestBroker()
        broker.kill()
        var session = SessionConfiguration()
        (session.host, session.port, session.clientID) = ("127.0.0.1", broker.port, "stewards")
        session.reconnectMs = 20...200
        var target = StewardTarget(secret: "s3cret")
        var alerts = AlertTarget(session: session)
        alerts.limit = .milliseconds(200)
        target.alerts = alerts
        let bench = try await OutboxBench([
            Destination(outbox: OutboxDestination(name: "stewards", kind: .stewards), target: .stewards(target))
        ])
        try await bench.store.write { db in
            for (asset, means, contact) in [
                ("bin-1", Steward.Means.mqtt, "stewards/ann"), ("bin-2", .webhook, server.url + "/hook"),
            ] {
                try StewardTable.store(
                    db, Steward(assetID: asset, name: asset, means: means, contact: contact, sinceMs: 0))
            }
        }
        func file(_ id: Int64, asset: String) async throws {
            var request = OutboxBench.request(id)
            request.assetID = asset
            try await bench.commit([request], [OutboxBench.update(id, 1)])
        }
        for id in 1...3 { try await file(Int64(id), asset: "bin-1") }
        try await eventually("the broker has been tried for all three, twice") {
            try await bench.items("queued").filter { $0.attempts > 1 }.count == 3
        }
        for id in 4...6 { try await file(Int64(id), asset: "bin-2") }
        try await eventually("the webhook has heard of all three") { server.calls.count == 3 }
        try await eventually("only what the broker is to be told waits") {
            try await bench.items("queued").map(\.requestID).sorted() == [1, 2, 3]
        }
        #expect(bench.statuses.first?.trouble == nil)
        try await bench.end()
    }
}
