internal import GRDB

/// Finds places in the stream's log by arrival.
enum LogSearch {
    /// A sequence before which nothing arrived at `arrivedAtMs` or later, by bisection: arrival times rise along the
    /// log. 0 if it is empty.
    static func firstSequence(_ db: Database, arrivedAtMs: Int64) throws -> Int64 {
        guard
            let ends = try Row.fetchOne(db, sql: "SELECT min(sequence) AS low FROM reading"),
            var low: Int64 = ends["low"], var high = try Int64.fetchOne(db, sql: "SELECT max(sequence) FROM reading")
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

    /// The daemon's time at the log's end, or nil if the log is empty.
    static func newestMs(_ db: Database) throws -> Int64? {
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
