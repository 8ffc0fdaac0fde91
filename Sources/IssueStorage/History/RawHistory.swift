internal import FoundationEssentials
internal import GRDB

/// The readings of each stream: a growing row with the newest (`history_open`), and sealed chunks with those before.
struct RawHistory {
    let sealed: ChunkShelf<HistoryReading>
    private let db: Database

    init(_ db: Database) {
        self.db = db
        sealed = ChunkShelf(.raw, db)
    }

    /// Puts `readings`, which are in order, where they belong. In the caller's transaction.
    /// - Returns: how many readings it unpacked and packed for that, as a measure of the time it took.
    func merge(_ readings: [HistoryReading], into stream: StreamKey) throws -> Int {
        guard let first = readings.first else { return 0 }
        let open = try self.open(of: stream)
        var newest = readings[...]
        var cost = readings.count + (open?.count ?? 0)
        if open.map({ first.atMs < $0[0].atMs }) ?? true, let border = try sealed.lastMoment(of: stream) {
            let openFrom = open?[0].atMs ?? .max
            // In order, so what goes to the sealed chunks comes first.
            let late = readings.prefix { $0.atMs <= border && $0.atMs < openFrom }
            try sealed.merge(Array(late), into: stream)
            if !late.isEmpty { cost += ChunkCutter.mostEntries }
            newest = readings[late.endIndex...]
        }
        guard !newest.isEmpty else { return cost }
        let merged = HistoryReading.merged(open ?? [], Array(newest))
        let pieces = ChunkCutter.cut(merged, limit: ChunkCutter.full)
        for piece in pieces.dropLast() { try sealed.insert(piece, into: stream) }
        try keepOpen(pieces[pieces.count - 1], of: stream)
        return cost
    }

    /// Takes out all readings before `bound`, oldest first; of no more chunks than `limit`.
    func take(before bound: Int64, of stream: StreamKey, limit: Int) throws -> (entries: [HistoryReading], isAll: Bool)
    {
        var (taken, isAll) = try sealed.take(before: bound, of: stream, limit: limit)
        guard isAll, let open = try open(of: stream), open[0].atMs < bound else { return (taken, isAll) }
        let old = open.prefix { $0.atMs < bound }
        taken += old
        if old.endIndex == open.endIndex {
            try db.cachedStatement(sql: "DELETE FROM history_open WHERE stream = ?").execute(arguments: [
                stream.rawValue
            ])
        } else {
            let rest = ChunkCutter.cut(Array(open[old.endIndex...]), limit: .max)
            for piece in rest.dropLast() { try sealed.insert(piece, into: stream) }
            try keepOpen(rest[rest.count - 1], of: stream)
        }
        return (taken, true)
    }

    /// Readings between two moments, both inclusive, and some around them.
    func entries(of stream: StreamKey, from: Int64, to: Int64) throws -> [HistoryReading] {
        let newest = try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT content FROM history_open WHERE stream = ? AND first_at <= ? AND last_at >= ?"),
            arguments: [stream.rawValue, to, from])
        return try sealed.entries(of: stream, from: from, to: to)
            + (newest.map { try HistoryReading.decode($0["content"] as Data) } ?? [])
    }

    /// The first stream from `next` on that has any readings.
    func stream(from next: Int64) throws -> Int64? {
        let open = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT stream FROM history_open WHERE stream >= ? ORDER BY stream LIMIT 1"),
            arguments: [next])
        let chunk = try sealed.stream(from: next)
        return [open, chunk].compactMap { $0 }.min()
    }

    /// The newest readings; never empty.
    private func open(of stream: StreamKey) throws -> [HistoryReading]? {
        let content = try Data.fetchOne(
            db.cachedStatement(sql: "SELECT content FROM history_open WHERE stream = ?"), arguments: [stream.rawValue])
        guard let content else { return nil }
        if let readings = try? HistoryReading.decode(content), !readings.isEmpty { return readings }
        // As the shelf does with a damaged chunk.
        try db.execute(
            sql: """
                INSERT INTO history_chunk (stream, tier, first_at, last_at, content)
                SELECT stream, -\(HistoryTier.setAside), first_at, last_at, content FROM history_open WHERE stream = :stream;
                DELETE FROM history_open WHERE stream = :stream
                """, arguments: ["stream": stream.rawValue])
        return nil
    }

    private func keepOpen(_ piece: ChunkCutter.Piece, of stream: StreamKey) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO history_open (stream, first_at, last_at, content) VALUES (?, ?, ?, ?)
                ON CONFLICT (stream) DO UPDATE SET
                first_at = excluded.first_at, last_at = excluded.last_at, content = excluded.content
                """
        ).execute(arguments: [stream.rawValue, piece.firstMs, piece.lastMs, Data(piece.bytes)])
    }
}
