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
        let streams = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT stream, first_at, last_at FROM history_open WHERE stream > ? ORDER BY stream
                    LIMIT \(Self.streamsPerStep)
                    """), arguments: [last])
        if streams.isEmpty {
            self.last = nil
            let hasTail = try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM reading)") ?? false
            // Where nothing was heard yet it is soon asked again.
            if last == .min, !hasTail { return false }
            if hasTail { try HistoryTransaction.run(db) { try noteTail(db) } }
            nextRoundMs = nowMs + Self.roundMs
            return hasTail
        }
        try HistoryTransaction.run(db) { for stream in streams { try note(stream, db) } }
        self.last = streams.last?["stream"]
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

    private func note(_ stream: Row, _ db: Database) throws {
        let key: Int64 = stream["stream"]
        let sensor = key >> 8
        let known = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT first_at FROM listening WHERE sensor = ?"), arguments: [sensor])
        // How far history reaches back is asked once a sensor: later it only gets shorter.
        let first: Int64 = try known.map { $0["first_at"] } ?? earliest(of: key, db) ?? stream["first_at"]
        try db.cachedStatement(
            sql: """
                INSERT INTO listening (sensor, first_at, last_at) VALUES (?, ?, ?) ON CONFLICT (sensor) DO UPDATE
                SET first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)
                WHERE excluded.last_at > last_at OR excluded.first_at < first_at
                """
        ).execute(arguments: [sensor, min(first, stream["first_at"]), stream["last_at"] as Int64])
    }

    /// Where the stream's chunks begin, in any tier; nil without any.
    private func earliest(of stream: Int64, _ db: Database) throws -> Int64? {
        let chunk = try db.cachedStatement(
            sql: "SELECT min(first_at) FROM history_chunk WHERE tier = ? AND stream = ?")
        return try HistoryTier.allCases.compactMap { tier in
            try Int64.fetchOne(chunk, arguments: [tier.rawValue, stream])
        }.min()
    }
}
