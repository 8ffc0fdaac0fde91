internal import FoundationEssentials
internal import GRDB
internal import Readings

/// Copies the readings around a request to the request, before the history makes them coarser and lets them go.
///
/// First an hour after each public step, then once a day while the request is open, and for the last time when what
/// came after its closing is there. What was copied before stays: only what is newer is added. One request a step.
///
/// How many there are, and from when on, is told at once: they are counted as soon as there is time, and again with each copy.
///
/// - Memory: at most ``mostSensors`` × ``mostReadings`` readings a request, packed as history is: 2–9 kB a sensor.
struct EvidenceKeeper {
    /// So long after a step the readings around it are copied, ms.
    static let firstCopyMs: Int64 = 3_600_000
    /// From one copy to the next while the request is open, ms. Readings stand in full for a day at least.
    private static let nextCopyMs: Int64 = 20 * 3_600_000
    /// Counting walks over the log's tail for each sensor, some 80 ns an entry: it waits until that is so short. Twice what is
    /// usually folded at once, so only a flood or a very large city has it wait.
    static let longestTail: Int64 = 65_536
    /// What is kept of one request at most.
    static let mostMarks = 48
    static let mostSensors = 8
    static let mostReadings = 1_200

    /// Does one small step if there is something to do.
    ///
    /// - Parameters:
    ///   - nowMs: the stream's time.
    ///   - tail: entries of the log that are not folded yet.
    /// - Returns: whether there was.
    func step(_ db: Database, nowMs: Int64, tail: Int64) throws -> Bool {
        if tail <= Self.longestTail {
            let fresh = try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT request_id FROM evidence_due WHERE is_uncounted LIMIT 1"))
            if let fresh {
                try HistoryTransaction.run(db) { try count(fresh, db) }
                return true
            }
        }
        let due = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT request_id FROM evidence_due WHERE due <= ? ORDER BY due LIMIT 1"),
            arguments: [nowMs])
        guard let id = due else { return false }
        try HistoryTransaction.run(db) { try copy(id, db, nowMs: nowMs) }
        return true
    }

    /// Counts what would be copied now.
    private func count(_ id: Int64, _ db: Database) throws {
        try db.execute(sql: "UPDATE evidence_due SET is_uncounted = 0 WHERE request_id = ?", arguments: [id])
        guard let outline = try EvidenceOutline(db, requestID: id) else { return }
        let found = try outline.members.map { try EvidenceReadings(db).collect($0.stream, outline, requestID: id) }
        try tell(id, samples: found.reduce(0) { $0 + $1.count }, firstMs: found.compactMap { $0.first?.atMs }.min(), db)
    }

    /// What the request says of its evidence from here on.
    private func tell(_ id: Int64, samples: Int, firstMs: Int64?, _ db: Database) throws {
        try db.execute(
            sql: "UPDATE request SET evidence_samples = ?, evidence_from = coalesce(?, evidence_from) WHERE id = ?",
            arguments: [samples, firstMs, id])
    }

    private func copy(_ id: Int64, _ db: Database, nowMs: Int64) throws {
        guard let outline = try EvidenceOutline(db, requestID: id) else { return try settle(id, nil, db) }
        for member in outline.members {
            try keep(try EvidenceReadings(db).collect(member.stream, outline, requestID: id), of: member, id, db)
        }
        let kept = try Row.fetchOne(
            db,
            sql: "SELECT total(samples) AS samples, min(first_at) AS first FROM evidence_series WHERE request_id = ?",
            arguments: [id])
        try tell(id, samples: kept.map { Int($0["samples"] as Double) } ?? 0, firstMs: kept?["first"], db)
        try dropMarks(id, db)
        let isOver = outline.toMs < nowMs && outline.isClosed
        try settle(id, isOver ? nil : max(nowMs + Self.firstCopyMs, min(nowMs + Self.nextCopyMs, outline.toMs + 1)), db)
    }

    /// Sets when the request is looked at again; nil: never, unless something happens.
    private func settle(_ id: Int64, _ due: Int64?, _ db: Database) throws {
        guard let due else {
            return try db.execute(sql: "DELETE FROM evidence_due WHERE request_id = ?", arguments: [id])
        }
        try db.execute(sql: "UPDATE evidence_due SET due = ? WHERE request_id = ?", arguments: [due, id])
    }

    private func keep(
        _ readings: [HistoryReading], of member: EvidenceOutline.Member, _ id: Int64, _ db: Database
    ) throws {
        guard let first = readings.first, let last = readings.last else { return }
        let bytes = Data(HistoryReading.encode(readings))
        try db.cachedStatement(
            sql: """
                INSERT INTO evidence_series (request_id, stream, first_at, last_at, samples, content)
                VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (request_id, stream) DO UPDATE SET first_at = excluded.first_at,
                last_at = excluded.last_at, samples = excluded.samples, content = excluded.content
                """
        ).execute(arguments: [id, member.stream.rawValue, first.atMs, last.atMs, readings.count, bytes])
    }

    /// A request that flaps for months: its beginning stays, and its latest marks.
    private func dropMarks(_ id: Int64, _ db: Database) throws {
        try db.execute(
            sql: """
                DELETE FROM evidence_mark WHERE request_id = :id AND number > 8 AND number <= (
                    SELECT number FROM evidence_mark WHERE request_id = :id ORDER BY number DESC
                    LIMIT 1 OFFSET \(Self.mostMarks - 8))
                """, arguments: ["id": id])
    }
}
