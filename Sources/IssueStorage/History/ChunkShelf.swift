internal import FoundationEssentials
internal import GRDB

/// The sealed chunks of one tier, by stream: table `history_chunk`.
///
/// A stream's chunks of one tier stand in order of time and don't overlap, but that equal times may be on both sides of a
/// border (a device whose clock stands still).
struct ChunkShelf<Entry: HistoryEntry> {
    let tier: HistoryTier
    private let db: Database

    init(_ tier: HistoryTier, _ db: Database) { (self.tier, self.db) = (tier, db) }

    struct Chunk {
        var id: Int64
        var firstMs: Int64
        var entries: [Entry]
    }

    /// Puts `entries`, which are in order, where they belong. In the caller's transaction.
    func merge(_ entries: [Entry], into stream: StreamKey) throws {
        var rest = entries[...]
        while let first = rest.first {
            guard let chunk = try chunk(of: stream, for: first.orderMs) else {
                try insert(Array(rest), into: stream)
                return
            }
            let end = try startAfter(chunk, of: stream)
            let own = Array(rest.prefix { entry in end.map { entry.orderMs < $0 } ?? true })
            rest = rest.dropFirst(own.count)
            try replace(chunk, with: Entry.merged(chunk.entries, own), of: stream)
        }
    }

    /// Adds `entries` as new chunks.
    func insert(_ entries: [Entry], into stream: StreamKey) throws {
        for piece in ChunkCutter.cut(entries, limit: ChunkCutter.full) { try insert(piece, into: stream) }
    }

    /// Adds one chunk as it is.
    func insert(_ piece: ChunkCutter.Piece, into stream: StreamKey) throws {
        try db.cachedStatement(
            sql: "INSERT INTO history_chunk (stream, tier, first_at, last_at, content) VALUES (?, ?, ?, ?, ?)"
        ).execute(arguments: [stream.rawValue, tier.rawValue, piece.firstMs, piece.lastMs, Data(piece.bytes)])
    }

    /// Takes out all entries before `bound`, oldest first; of no more chunks than `limit`.
    /// - Returns: the entries, and whether there are none left.
    func take(before bound: Int64, of stream: StreamKey, limit: Int) throws -> (entries: [Entry], isAll: Bool) {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT id, first_at, content FROM history_chunk WHERE tier = ? AND stream = ? AND first_at < ?
                    ORDER BY first_at, id LIMIT ?
                    """),
            arguments: [tier.rawValue, stream.rawValue, bound, limit])
        var taken: [Entry] = []
        for row in rows {
            guard let chunk = try chunk(row) else { continue }
            let old = chunk.entries.prefix { $0.orderMs < bound }
            taken += old
            try replace(chunk, with: Array(chunk.entries[old.endIndex...]), of: stream)
        }
        return (taken, rows.count < limit)
    }

    /// The last moment that any chunk of `stream` holds.
    func lastMoment(of stream: StreamKey) throws -> Int64? {
        try Int64.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT last_at FROM history_chunk WHERE tier = ? AND stream = ? ORDER BY first_at DESC, id DESC LIMIT 1
                    """),
            arguments: [tier.rawValue, stream.rawValue])
    }

    /// Entries between two moments, both inclusive, and some around them.
    func entries(of stream: StreamKey, from: Int64, to: Int64) throws -> [Entry] {
        // Chunks don't overlap: only the last one that begins at or before `from` can reach it, and those that share its
        // beginning or its end.
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT content FROM history_chunk WHERE tier = :tier AND stream = :stream
                    AND first_at <= :to AND first_at >= ifnull((
                        SELECT max(first_at) FROM history_chunk
                        WHERE tier = :tier AND stream = :stream AND first_at < :from), :from)
                    AND last_at >= :from ORDER BY first_at, id
                    """),
            arguments: ["tier": tier.rawValue, "stream": stream.rawValue, "from": from, "to": to])
        var entries: [Entry] = []
        while let row = try rows.next() { entries += try Entry.decode(row["content"] as Data) }
        return entries
    }

    /// The first stream from `next` on that has anything in this tier.
    func stream(from next: Int64) throws -> Int64? {
        try Int64.fetchOne(
            db.cachedStatement(
                sql: "SELECT stream FROM history_chunk WHERE tier = ? AND stream >= ? ORDER BY stream LIMIT 1"),
            arguments: [tier.rawValue, next])
    }

    // MARK: - One chunk

    /// The chunk that an entry at `ms` belongs to: the last that begins at or before it, else the first; nil without any.
    private func chunk(of stream: StreamKey, for ms: Int64) throws -> Chunk? {
        while let row = try row(of: stream, for: ms) {
            if let chunk = try chunk(row) { return chunk }
        }
        return nil
    }

    private func row(of stream: StreamKey, for ms: Int64) throws -> Row? {
        let before = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT id, first_at, content FROM history_chunk WHERE tier = ? AND stream = ? AND first_at <= ?
                    ORDER BY first_at DESC, id DESC LIMIT 1
                    """),
            arguments: [tier.rawValue, stream.rawValue, ms])
        if let before { return before }
        return try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT id, first_at, content FROM history_chunk WHERE tier = ? AND stream = ?
                    ORDER BY first_at, id LIMIT 1
                    """),
            arguments: [tier.rawValue, stream.rawValue])
    }

    /// The chunk, or nil if its bytes are damaged: then it is set aside, so that what comes after it is not held up.
    private func chunk(_ row: Row) throws -> Chunk? {
        let id: Int64 = row["id"]
        do {
            return Chunk(id: id, firstMs: row["first_at"], entries: try Entry.decode(row["content"] as Data))
        } catch {
            try db.execute(
                sql: "UPDATE history_chunk SET tier = tier - \(HistoryTier.setAside) WHERE id = ?", arguments: [id])
            return nil
        }
    }

    /// Where the next chunk begins.
    private func startAfter(_ chunk: Chunk, of stream: StreamKey) throws -> Int64? {
        try Int64.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT first_at FROM history_chunk WHERE tier = ? AND stream = ? AND first_at > ?
                    ORDER BY first_at LIMIT 1
                    """),
            arguments: [tier.rawValue, stream.rawValue, chunk.firstMs])
    }

    /// Writes `entries` in the place of `chunk`; new chunks follow it if they are too many, and it goes if there are none.
    private func replace(_ chunk: Chunk, with entries: [Entry], of stream: StreamKey) throws {
        guard !entries.isEmpty else {
            try db.cachedStatement(sql: "DELETE FROM history_chunk WHERE id = ?").execute(arguments: [chunk.id])
            return
        }
        let pieces = ChunkCutter.cut(entries, limit: ChunkCutter.overfull)
        try db.cachedStatement(sql: "UPDATE history_chunk SET first_at = ?, last_at = ?, content = ? WHERE id = ?")
            .execute(arguments: [pieces[0].firstMs, pieces[0].lastMs, Data(pieces[0].bytes), chunk.id])
        for piece in pieces.dropFirst() { try insert(piece, into: stream) }
    }
}
