internal import GRDB

extension IssueReader {
    /// The submission that was answered with this token, or nil.
    package func submission(token: String) async throws -> Submission? {
        try await read("a token") { db in try SubmissionTable.find(db, token: token) }
    }

    /// Submissions that no stream has met yet, oldest first.
    package func unansweredSubmissions() async throws -> [Submission] {
        try await read("what waits") { db in try SubmissionTable.unanswered(db) }
    }

    /// All keys, revoked ones too, oldest first.
    package func keys() async throws -> [KeyTable.Entry] { try await read("keys") { db in try KeyTable.all(db) } }
}
