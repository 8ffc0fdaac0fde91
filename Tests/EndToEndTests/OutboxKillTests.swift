import Foundation
import IssueStorage
import MQTTSession
import Open311
import Simulation
import Synchronization
import TestSupport
import Testing

/// The outbox under `kill -9`: the real executable, a real broker, a web server that keeps what it gets.
@Suite(.timeLimit(.minutes(5))) struct OutboxKillTests {
    /// Deliveries under way at once, and so the most that a kill repeats.
    static let concurrency = 4
    /// How many calls the server has had when the daemon is killed: in the middle of one, before its answer.
    static let killsAt = [3, 9, 10, 18, 30]

    @Test func killedAtAnyMomentTheDaemonTellsEverythingAndRepeatsWithTheSameKey() async throws {
        let broker = try TestBroker()
        let folder = try TestFolder()
        let plan = Mutex(KillPlan())
        let server = try await ScriptedServer { _, before in
            plan.withLock { $0.kill(afterCalls: before, at: Self.killsAt) }
            // Some have taken it and don't say so.
            return before % 7 == 5 ? .drop : .answer(200)
        }
        let port = try FreePort.find()
        let text = """
            data:
              directory: \(folder.path)/data
            mqtt:
              host: 127.0.0.1
              port: \(broker.port)
              username: \(broker.username)
              password_env: BROKER_PASSWORD
            http:
              port: \(port)
            forwarding:
              retry_max: 1s
              destinations:
                - name: desk
                  kind: webhook
                  url: \(server.url)/hook
                  secret_env: HOOK_SECRET
                  concurrency: \(Self.concurrency)
            """
        try text.write(toFile: "\(folder.path)/sluice.yaml", atomically: true, encoding: .utf8)
        func start() async throws -> SluiceProcess {
            let daemon = try SluiceProcess(
                ["run", "--config", "\(folder.path)/sluice.yaml"],
                environment: ["BROKER_PASSWORD": broker.password, "HOOK_SECRET": "s3cret"])
            plan.withLock { $0.victim = daemon }
            return daemon
        }
        var daemon = try await start()
        _ = try await daemon.line { $0.contains("daemon.ready") }
        _ = try await daemon.line { $0.contains("\"mqtt.connected\"") }
        // Each bin that burns is a request.
        let publisher = try broker.publisher()
        for bin in 1...40 {
            try publisher.publish(
                topic: "sluice/bin-fill/bin-\(bin)",
                payload: Array(#"{"ts":"2026-05-01T06:00:00Z","metrics":{"temperature_c":71.5}}"#.utf8))
        }
        try publisher.flush()
        var kills = 0
        while kills < Self.killsAt.count {
            try await daemon.expectExit(-SIGKILL, within: .seconds(60))
            kills += 1
            daemon = try await start()
        }
        let reader = try IssueReader(directory: "\(folder.path)/data")
        try await eventually("everything is filed and told", within: .seconds(60)) {
            let standing = try await reader.outboxStandings().first
            return try await reader.requestCount(RequestQuery()) == 40 && standing?.queued == 0
        }
        var changes = 0
        for request in try await reader.requests(RequestQuery()) {
            changes += try await reader.updates(ofRequest: request.id).count
        }
        let calls = server.calls
        let byKey = Dictionary(grouping: calls) { $0.headers["idempotency-key"] ?? "" }
        #expect(byKey.count == changes)
        // What the server itself left unanswered is repeated too.
        let dropped = (0..<calls.count).count { $0 % 7 == 5 }
        #expect(calls.count - changes <= kills * Self.concurrency + dropped, "\(calls.count) calls, \(changes) changes")
        for same in byKey.values {
            // The same change, said again.
            #expect(Set(same.map { $0.headers["sluice-event"] }).count == 1)
        }
        #expect(try await reader.outboxStandings().first?.dead == 0)
        daemon.send(SIGTERM)
        try await daemon.expectExit(0)
    }
}

/// Who is to be killed next, and how often it has been done. A kill that is due while nobody lives waits for the next call.
private struct KillPlan {
    var victim: SluiceProcess?
    private var kills = 0

    mutating func kill(afterCalls count: Int, at due: [Int]) {
        guard let daemon = victim, kills < due.count, count >= due[kills] else { return }
        daemon.send(SIGKILL)
        victim = nil
        kills += 1
    }
}
