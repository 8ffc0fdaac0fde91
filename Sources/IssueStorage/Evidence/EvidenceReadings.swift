internal import FoundationEssentials
internal import GRDB
internal import Readings

/// Finds the readings of a request: those that were copied for it, and what the history still has.
struct EvidenceReadings {
    private let db: Database

    init(_ db: Database) { self.db = db }

    /// One sensor's readings over the outline's stretch, by time; thinned where there are more than
    /// ``EvidenceKeeper/mostReadings``.
    ///
    /// Costs what is in the stretch, and a walk over the tail of the log that is not folded yet.
    func collect(_ stream: StreamKey, _ outline: EvidenceOutline, requestID id: Int64) throws -> [HistoryReading] {
        var readings = try kept(stream, id)
        // A device whose clock stands still repeats its last moment: what was copied of it is enough.
        let from = readings.last.map { $0.atMs + 1 } ?? outline.fromMs
        if from <= outline.toMs { readings += try present(stream, from: from, to: outline.toMs) }
        return Self.thinned(readings, openedMs: outline.openedMs)
    }

    private func kept(_ stream: StreamKey, _ id: Int64) throws -> [HistoryReading] {
        let content = try Data.fetchOne(
            db.cachedStatement(sql: "SELECT content FROM evidence_series WHERE request_id = ? AND stream = ?"),
            arguments: [id, stream.rawValue])
        // Damaged bytes are as good as none.
        return content.flatMap { try? HistoryReading.decode($0) } ?? []
    }

    /// Readings, and where they have become minutes or hours, the means of those.
    private func present(_ stream: StreamKey, from: Int64, to: Int64) throws -> [HistoryReading] {
        let progress = try HistoryProgress(db)
        var coarse: [HistoryReading] = []
        for tier in [HistoryTier.hours, .minutes] {
            let buckets = try ChunkShelf<HistoryBucket>(tier, db).entries(of: stream, from: from, to: to)
            coarse += buckets.map { HistoryReading(atMs: $0.startMs, value: $0.mean) }
        }
        let folded = try RawHistory(db).entries(of: stream, from: from, to: to)
        let recent = try IssueReader.tail(db, of: stream, progress, fromMs: from, toMs: to)
        return (coarse + HistoryReading.merged(folded, recent)).filter { (from...to).contains($0.atMs) }
    }

    /// Every reading around the opening; further away every second, third, … one, so that as many are left as there is
    /// room for.
    ///
    /// The same readings, thinned again with some that came later, give the same first ones as far as room allows.
    static func thinned(_ readings: [HistoryReading], openedMs: Int64) -> [HistoryReading] {
        let most = EvidenceKeeper.mostReadings
        guard readings.count > most else { return readings }
        let opening = readings.firstIndex { $0.atMs >= openedMs } ?? readings.count
        // A third of the room is for what led to the opening, a sixth for what followed at once.
        let start = max(0, opening - most / 3)
        let end = min(readings.count, opening + most / 6)
        let room = most - (end - start)
        let others = start + readings.count - end
        let every = max(1, (others + room - 1) / max(1, room))
        let before = readings[..<start].enumerated().filter { $0.offset % every == 0 }.map(\.element)
        let after = readings[end...].enumerated().filter { $0.offset % every == every - 1 }.map(\.element)
        return before + readings[start..<end] + after
    }
}
