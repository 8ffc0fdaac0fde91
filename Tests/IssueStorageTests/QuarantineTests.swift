import GRDB
import Incidents
import IssueStorage
import Readings
import Testing

/// Quarantined messages that are tried again.
@Suite struct QuarantineTests {
    private func unreadable(_ topic: String) -> QuarantinedMessage {
        QuarantinedMessage(
            reason: .notJSON, arrivedAtMs: midnightMs, topic: Array(topic.utf8), detail: "payload: must be JSON",
            payload: Array("?".utf8), payloadBytes: 1)
    }

    /// What the store holds the quarantine to take, and what it takes.
    private func bytes(_ directory: TemporaryDirectory) throws -> (counted: Int, held: Int) {
        try DatabaseQueue(path: directory.database).read { db in
            let counted = try Int.fetchOne(db, sql: "SELECT done FROM progress WHERE task = 6") ?? -1
            let held = try Int.fetchOne(
                db,
                sql: """
                    SELECT coalesce(sum(length(topic) + length(CAST(detail AS BLOB)) + length(payload) + 64), 0)
                    FROM quarantine
                    """)
            return (counted, held ?? -1)
        }
    }

    @Test func leaveWithTheirReadingsOrNotAtAll() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try directory.commitOnce { $0.quarantined = ["a", "b", "c"].map(unreadable) }
        try directory.commitOnce { batch in
            batch.retried = [
                RetriedOutcome(id: 2, result: .read(readings: 1)),
                RetriedOutcome(id: 3, result: .refused(.unknownSensor, sensor: "x")),
            ]
        }
        let reader = try IssueReader(directory: directory.path)
        #expect(try await reader.quarantine(ids: [1, 2, 3, 9]).map(\.id) == [1, 3])
        let (counted, held) = try bytes(directory)
        #expect(counted == held)
    }

    @Test func thatAreStillUnreadableSayWhyToday() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try directory.commitOnce { $0.quarantined = [unreadable("a")] }
        let store = try directory.store()
        try store.performNow { db in
            try QuarantineNote.write(db, id: 1, reason: .missingField, detail: "level: must be present, or another")
        }
        let entry = try #require(try await IssueReader(directory: directory.path).quarantine(ids: [1]).first)
        #expect(entry.message.reason == .missingField)
        #expect(entry.message.detail.hasPrefix("level"))
        let (counted, held) = try bytes(directory)
        #expect(counted == held)
    }
}
