internal import GRDB

/// Keeps table `listening`: from when to when each sensor was heard, as its history has it.
///
/// A round through all streams in small steps, one round in ten minutes of the log's time: where nothing listens no claim
/// is made, and that is not a matter of minutes.
struct ListeningKeeper {
    private static let streamsPerStep = 200
    private static let roundMs: Int64 = 600_000
    /// Readings of the log that are looked at in a round: some 10 ms.
    private static let mostOfTail = 20_000

    /// Behind this stream the round goes on; nil between rounds.
    private var last: Int64?
    private var nextRoundMs = Int64.min

    /// Does one small step if a round is under way or due.
    /// - Parameter nowMs: the log's time; nil while there is none.
    /// - Returns: whether there was anything to do.
    mutating func step(_ db: Database, nowMs: Int64?) throws -> Bool {
        guard let nowMs else { return false }
        // A clock that was set back by more than a round does not keep it waiting.
        if last == nil, nowMs >= nextRoundMs || nowMs < nextRoundMs - 2 * Self.roundMs { last = .min }
        guard let last else { return false }
        let end = try Int64.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT max(stream) FROM (
                        SELECT stream FROM history_open WHERE stream > ? ORDER BY stream LIMIT \(Self.streamsPerStep))
                    """), arguments: [last])
        guard let end else {
            self.last = nil
            let hasTail = try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM reading)") ?? false
            // Where nothing was heard yet it is soon asked again.
            if last == .min, !hasTail { return false }
            if hasTail { try HistoryTransaction.run(db) { try noteTail(db) } }
            nextRoundMs = nowMs + Self.roundMs
            return hasTail
        }
        try HistoryTransaction.run(db) { try noteStreams(db, behind: last, upTo: end) }
        self.last = end
        return true
    }

    /// What was heard last and may not be folded yet: in a small town that takes days. Behind all streams, so that of a sensor
    /// with a history it only says that it was heard again.
    private func noteTail(_ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO listening (sensor, first_at, last_at)
                SELECT sensor, min(observed_at), max(observed_at) FROM (
                    SELECT sensor, observed_at FROM reading ORDER BY sequence DESC LIMIT \(Self.mostOfTail))
                WHERE TRUE GROUP BY sensor
                ON CONFLICT (sensor) DO UPDATE SET last_at = max(last_at, excluded.last_at)
                """
        ).execute()
    }

    /// In one statement: asked and written one by one they took a fourteenth of the store thread in the first seconds of a flood.
    private func noteStreams(_ db: Database, behind last: Int64, upTo end: Int64) throws {
        try db.cachedStatement(sql: Self.noteStreamsSQL).execute(arguments: [last, end])
    }

    /// How far history reaches back is asked once a sensor: later it only gets shorter.
    private static let noteStreamsSQL = """
        INSERT INTO listening (sensor, first_at, last_at)
        SELECT sensor, min(CASE WHEN EXISTS (SELECT 1 FROM listening AS known WHERE known.sensor = heard.sensor)
            THEN first_at ELSE \(earliestSQL) END), max(last_at)
        FROM (
            SELECT stream, stream >> 8 AS sensor, first_at, last_at FROM history_open WHERE stream > ? AND stream <= ?
        ) AS heard
        WHERE TRUE GROUP BY sensor
        ON CONFLICT (sensor) DO UPDATE
        SET first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)
        WHERE excluded.last_at > last_at OR excluded.first_at < first_at
        """

    /// Where the stream's readings begin: those that are open, or its chunks of any tier.
    private static let earliestSQL =
        "min(first_at, "
        + HistoryTier.allCases.map {
            """
            ifnull((SELECT min(chunk.first_at) FROM history_chunk AS chunk
                WHERE chunk.tier = \($0.rawValue) AND chunk.stream = heard.stream), first_at)
            """
        }.joined(separator: ", ") + ")"
}
