internal import GRDB

/// Finds places in the stream's log by arrival.
enum LogSearch {
    /// A sequence before which nothing arrived at `arrivedAtMs` or later, by bisection: arrival times rise along the
    /// log, but for a clock that was set back. 0 if it is empty.
    static func firstSequence(_ db: Database, arrivedAtMs: Int64) throws -> Int64 {
        guard
            var low = try Int64.fetchOne(db.cachedStatement(sql: "SELECT min(sequence) FROM reading")),
            var high = try Int64.fetchOne(db.cachedStatement(sql: "SELECT max(sequence) FROM reading"))
        else { return 0 }
        // Sequences have gaps: each probe looks at the first reading from there on.
        let probe = try db.cachedStatement(
            sql: "SELECT arrived_at FROM reading WHERE sequence >= ? ORDER BY sequence LIMIT 1")
        while low < high {
            let middle = low + (high - low) / 2
            let arrived = try Int64.fetchOne(probe, arguments: [middle]) ?? .max
            if arrived < arrivedAtMs { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The time from which ages are counted, or nil if the log is empty: that of the log's end, but not more than a day
    /// behind what arrived a sixty-fourth of the log earlier. What a clock that stood far ahead for a moment would throw
    /// away, nobody brings back.
    static func presentMs(_ db: Database) throws -> Int64? {
        guard let newest = try newestMs(db) else { return nil }
        guard let steady = try steadyMs(db) else { return newest }
        return min(newest, steady + 86_400_000)
    }

    /// When the reading arrived that stands a sixty-fourth of the log before its end; nil if there is none.
    private static func steadyMs(_ db: Database) throws -> Int64? {
        guard let low = try Int64.fetchOne(db.cachedStatement(sql: "SELECT min(sequence) FROM reading")),
            let high = try Int64.fetchOne(db.cachedStatement(sql: "SELECT max(sequence) FROM reading")), low < high
        else { return nil }
        return try Int64.fetchOne(
            db.cachedStatement(
                sql: "SELECT arrived_at FROM reading WHERE sequence <= ? ORDER BY sequence DESC LIMIT 1"),
            arguments: [high - max(1, (high - low) / 64)])
    }

    /// The daemon's time at the log's end, or nil if the log is empty.
    private static func newestMs(_ db: Database) throws -> Int64? {
        try Int64.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT max(ifnull((SELECT arrived_at FROM reading ORDER BY sequence DESC LIMIT 1), at), at) FROM (
                        SELECT ifnull((SELECT at FROM stream_event ORDER BY sequence DESC LIMIT 1), -9223372036854775808)
                        AS at)
                    """)
        ).flatMap { $0 == .min ? nil : $0 }
    }
}
