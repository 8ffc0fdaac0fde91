internal import FoundationEssentials
package import GRDB
package import Incidents

/// Table `submission`: what was handed in, from before it is in the stream.
///
/// ```
///   job: reporter and submission ─▶ command in the mailbox ─▶ batch: command, request, answer ─▶ told
/// ```
/// The answer is stored in the transaction that stores the command. So a submission without one is in no stream yet: a start
/// hands it to the stream again, and a caller who says the same twice is told the same twice.
package enum SubmissionTable {
    /// What is said again without a name of its own within this time counts as said twice by mistake.
    package static let repetitionMs: Int64 = 15 * 60_000
    /// Answered submissions are kept so long, for callers that say again what they said; tokens, for those who ask.
    static let keptMs: Int64 = 30 * 86_400_000
    static let tokensKeptMs: Int64 = 365 * 86_400_000

    /// Enters a submission, unless the same was entered before.
    ///
    /// - Parameters:
    ///   - idempotency: what tells submissions apart: 32 bytes.
    ///   - expires: whether the same said again after ``repetitionMs`` is meant as a new one.
    ///   - make: makes what else there is to store, for the new ticket.
    /// - Returns: the submission as it stands, and whether it is new.
    package static func enter(
        _ db: Database, idempotency: [UInt8], expires: Bool, keyID: Int64, atMs: Int64,
        make: (_ ticket: Int64) throws -> (reporterID: Int64?, command: StreamCommand)
    ) throws -> (submission: Submission, isNew: Bool) {
        if expires {
            // Out of the way, but still there for whoever asks with its token.
            try db.execute(
                sql: "UPDATE submission SET idempotency = randomblob(32) WHERE idempotency = ? AND at < ?",
                arguments: [Data(idempotency), atMs - repetitionMs])
        }
        if let known = try Row.fetchOne(
            db, sql: "SELECT * FROM submission WHERE idempotency = ?", arguments: [Data(idempotency)])
        {
            return (try submission(known), false)
        }
        try db.execute(
            sql: "INSERT INTO submission (at, key_id, idempotency) VALUES (?, ?, ?)",
            arguments: [atMs, keyID, Data(idempotency)])
        let ticket = db.lastInsertedRowID
        let (reporterID, command) = try make(ticket)
        try db.execute(
            sql: "UPDATE submission SET reporter_id = ?, token = ?, body = ? WHERE id = ?",
            arguments: [reporterID, command.token, try CommandRow.encode(command), ticket])
        return (Submission(id: ticket, reporterID: reporterID, token: command.token, command: command), true)
    }

    /// Those that no stream has met yet, oldest first.
    package static func unanswered(_ db: Database) throws -> [Submission] {
        try Row.fetchAll(db, sql: "SELECT * FROM submission WHERE NOT is_answered ORDER BY id").map(submission)
    }

    /// The submission that was answered with this token, or nil.
    package static func find(_ db: Database, token: String) throws -> Submission? {
        try Row.fetchOne(db, sql: "SELECT * FROM submission WHERE token = ?", arguments: [token]).map(submission)
    }

    /// Stores what came of a command, and lets go of the command. An answer that is there already stays.
    static let answerSQL = """
        UPDATE submission SET is_answered = 1, request_id = ?, update_number = ?, refusal = ?, body = NULL
        WHERE id = ? AND NOT is_answered
        """

    static func arguments(_ answer: CommandAnswer) -> StatementArguments {
        switch SubmissionOutcome(answer.outcome) {
        case .request(let id): [id, nil, nil, answer.ticket]
        case .update(let id, let number): [id, number, nil, answer.ticket]
        case .refused(let refusal): [nil, nil, refusal.rawValue, answer.ticket]
        }
    }

    /// Has tickets go on behind those that requests are named by, where submissions themselves were lost.
    static func skipGivenTickets(_ db: Database) throws {
        let prefix = StreamCommand.incidentKey(ticket: 0).dropLast()
        let last = try Int64.fetchOne(
            db,
            sql: """
                SELECT max(CAST(substr(incident_key, ?) AS INTEGER)) FROM request
                WHERE incident_key >= ? AND incident_key < ?
                """,
            arguments: [prefix.count + 1, String(prefix), prefix.dropLast() + "0"])
        guard let last else { return }
        try db.execute(
            sql:
                "INSERT INTO submission (id, at, key_id, idempotency) VALUES (?, 0, 0, randomblob(32)) ON CONFLICT DO NOTHING",
            arguments: [last])
        try db.execute(sql: "DELETE FROM submission WHERE id = ? AND at = 0 AND key_id = 0", arguments: [last])
    }

    /// Forgets some that nobody will ask for any more.
    /// - Returns: how many; fewer than ``ReporterTable/step`` when that was all.
    package static func sweep(_ db: Database, nowMs: Int64) throws -> Int {
        try db.execute(
            sql: """
                DELETE FROM submission WHERE id IN (
                    SELECT id FROM submission
                    WHERE at < ? AND is_answered AND (token IS NULL OR at < ?)
                        AND (reporter_id IS NULL OR NOT EXISTS (SELECT 1 FROM reporter WHERE reporter.id = reporter_id))
                    ORDER BY at LIMIT \(ReporterTable.step))
                """,
            arguments: [nowMs - keptMs, nowMs - tokensKeptMs])
        return db.changesCount
    }

    private static func submission(_ row: Row) throws -> Submission {
        var submission = Submission(id: row["id"], reporterID: row["reporter_id"], token: row["token"])
        let (isAnswered, body): (Bool, String?) = (row["is_answered"], row["body"])
        submission.command = try body.map { try CommandRow.decode(StreamCommand.self, "body", $0) }
        guard isAnswered else { return submission }
        let (request, update, refusal): (Int64?, Int?, String?) = (
            row["request_id"], row["update_number"], row["refusal"]
        )
        switch (request, update) {
        case (let request?, let number?): submission.outcome = .update(requestID: request, number: number)
        case (let request?, nil): submission.outcome = .request(request)
        default:
            let name = refusal ?? ""
            submission.outcome = .refused(try known(CommandRefusal(rawValue: name), "submission", "refusal", name))
        }
        return submission
    }
}
