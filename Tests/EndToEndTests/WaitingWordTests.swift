import Foundation
import GRDB
import Incidents
import Open311
import TestSupport
import Testing

/// Words that were handed in and met no stream before the daemon was killed.
@Suite struct WaitingWordTests {
    /// Staff's word names an old request as it was when it was handed in. Others have said more of it since; it is met at the
    /// next start, comes behind that, and takes nothing of it back.
    @Test func aWordThatWaitedComesBehindWhatWasSaidMeanwhile() async throws {
        let site = try DaemonProcessTests.Site()
        let first = try await site.started()
        let key = try await CivicTests.key(site)
        _ = try CivicTests.id(await CivicTests.report(site, ["api_key": key]))
        first.send(SIGTERM)
        try await first.expectExit(0)

        let database = try DatabaseQueue(path: "\(site.folder)/data/sluice.db")
        try await database.write { db in try Self.waits(db, like: 1, as: 41) }
        let second = try await site.started()
        try await eventually("the word is answered") {
            try await database.read { db in
                try Bool.fetchOne(db, sql: "SELECT count(*) = 0 FROM submission WHERE NOT is_answered") ?? false
            }
        }
        let notes = try await database.read { db in
            try String.fetchAll(db, sql: "SELECT text FROM request_update WHERE request_id = 41 ORDER BY number")
        }
        #expect(notes.count == 3 && notes.dropFirst() == ["It was mended.", "Is it?"], "\(notes)")
        let shown = try await HTTPAnswer.get("\(site.address)/open311/v2/requests/41.json")
        #expect(shown.objects.first?["status"] as? String == "closed", "\(shown.text)")
        second.send(SIGTERM)
        try await second.expectExit(0)
    }

    /// Puts an old, closed request into the store, of which the pipeline has no memory: a copy of another with one more note.
    /// A word of it waits that was handed in before that note.
    private static func waits(_ db: Database, like other: Int64, as id: Int64) throws {
        for (table, column) in [("request", "id"), ("request_update", "request_id")] {
            try db.execute(
                sql: "CREATE TEMP TABLE copy AS SELECT * FROM \(table) WHERE \(column) = ?", arguments: [other])
            try db.execute(sql: "UPDATE copy SET \(column) = ?", arguments: [id])
            if table == "request" {
                try db.execute(sql: "UPDATE copy SET incident_key = 'old', status = 'closed', word = 'closed'")
            }
            try db.execute(sql: "INSERT INTO \(table) SELECT * FROM copy; DROP TABLE copy")
        }
        try db.execute(
            sql: """
                INSERT INTO request_update (request_id, number, at, status, word, author, text)
                VALUES (?, 2, 2, 'closed', 'closed', 'staff', 'It was mended.')
                """, arguments: [id])
        try db.execute(sql: "INSERT INTO submission (at, key_id, idempotency) VALUES (1, 0, randomblob(32))")
        let asItWas = ServiceRequest(id: id, service: .waterLeak, incidentKey: "old", requestedAtMs: 1)
        var update = UpdateSubmission(requestID: id)
        update.text = "Is it?"
        let nowMs = Int64(Date.now.timeIntervalSince1970 * 1000)
        var command = StreamCommand(ticket: db.lastInsertedRowID, atMs: nowMs, .update(update))
        command.known = [KnownRequest(request: asItWas, lastUpdate: 1)]
        try db.execute(
            sql: "UPDATE submission SET body = ? WHERE id = ?",
            arguments: [String(decoding: try JSONEncoder().encode(command), as: UTF8.self), command.ticket])
    }
}
