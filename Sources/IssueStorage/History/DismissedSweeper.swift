internal import GRDB

/// Deletes suspicions that did not last: incidents that were resolved without ever coming to a request.
///
/// Nothing refers to them, and each noisy sensor makes some a day; what did come to a request stays as long as that does. A
/// round through all of them in small steps, once a day of the log's time; what it remembers between steps is one key.
struct DismissedSweeper {
    private static let incidentsPerStep = 500
    private static let roundMs: Int64 = 86_400_000
    /// How long they can be looked up: far behind what a start replays, and long enough to see what a rule nearly raised.
    static let keepMs: Int64 = 30 * 86_400_000

    /// Behind this key the round goes on; nil between rounds.
    private var last: String?
    private var nextRoundMs = Int64.min

    /// Does one small step if a round is under way or due.
    /// - Parameter nowMs: the log's time; nil while there is none.
    /// - Returns: whether there was anything to do.
    mutating func step(_ db: Database, nowMs: Int64?, _ tally: inout HistoryTally) throws -> Bool {
        guard let nowMs else { return false }
        // A clock that was set back by more than a round does not keep it waiting.
        if last == nil, nowMs >= nextRoundMs || nowMs < nextRoundMs - 2 * Self.roundMs { last = "" }
        guard let last else { return false }
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT key, state = 'resolved' AND resolved_at < ? AS is_old FROM incident INDEXED BY incident_by_request
                    WHERE request_id IS NULL AND key > ? ORDER BY key LIMIT \(Self.incidentsPerStep)
                    """), arguments: [nowMs - Self.keepMs, last])
        guard let end = rows.last else {
            self.last = nil
            nextRoundMs = nowMs + Self.roundMs
            return false
        }
        let old = rows.filter { $0["is_old"] }.map { $0["key"] as String }
        if !old.isEmpty {
            try HistoryTransaction.run(db) {
                let delete = try db.cachedStatement(sql: "DELETE FROM incident WHERE key = ?")
                for key in old { try delete.execute(arguments: [key]) }
            }
            tally.dismissed += old.count
        }
        self.last = end["key"]
        return true
    }
}
