internal import GRDB
public import Readings

extension IssueReader {
    /// One sensor's readings with event times from `fromMs` to `toMs`, both inclusive, by time; the last `limit` of them if
    /// there are more. Readings older than `history.raw` have become minutes: see
    /// ``series(ofSensor:quantity:fromMs:toMs:points:)``. Empty for a sensor that was never met.
    ///
    /// Costs what is in the stretch (some 20 ns a reading), and a walk over the tail of the log that is not folded yet.
    public func history(
        ofSensor id: String, quantity: Quantity, fromMs: Int64, toMs: Int64, limit: Int = 1_000_000
    ) async throws -> [HistoryReading] {
        try await read("history") { db in
            guard fromMs <= toMs, let stream = try Self.stream(db, sensor: id, quantity) else { return [] }
            let progress = try HistoryProgress(db)
            let folded = try RawHistory(db).entries(of: stream, from: fromMs, to: toMs)
                .filter { fromMs...toMs ~= $0.atMs }
            let recent = try Self.tail(db, of: stream, progress, fromMs: fromMs, toMs: toMs)
                .filter { $0.atMs >= progress[.raw].reached(stream) }
            return HistoryReading.merged(folded, recent).suffix(max(0, limit))
        }
    }

    /// One sensor's history as at most `points` buckets of equal width, those without a reading left out: a line for a
    /// chart, at any zoom. Joins readings with the minutes, hours and days that older ones have become.
    ///
    /// Where a stored bucket is wider than the chart's, it stands whole in the one that it begins in.
    public func series(
        ofSensor id: String, quantity: Quantity, fromMs: Int64, toMs: Int64, points: Int
    ) async throws -> [HistoryBucket] {
        try await read("history") { db in
            guard fromMs <= toMs, points > 0, let stream = try Self.stream(db, sensor: id, quantity) else { return [] }
            let progress = try HistoryProgress(db)
            var chart = HistoryChart(fromMs: fromMs, toMs: toMs, points: points)
            for tier in HistoryTier.allCases.reversed() where tier != .raw {
                let shelf = ChunkShelf<HistoryBucket>(tier, db)
                for bucket in try shelf.entries(of: stream, from: fromMs, to: toMs) { chart.add(bucket) }
            }
            let recent = try Self.tail(db, of: stream, progress, fromMs: fromMs, toMs: toMs)
            let folded = try RawHistory(db).entries(of: stream, from: fromMs, to: toMs)
            for reading in HistoryReading.merged(folded, recent) {
                // As it will stand once it is folded.
                guard let tier = progress.tier(of: stream, at: reading.atMs) else { continue }
                chart.add(HistoryBucket(startMs: tier.start(of: reading.atMs), reading.value))
            }
            return chart.buckets
        }
    }

    private static func stream(_ db: Database, sensor id: String, _ quantity: Quantity) throws -> StreamKey? {
        try UInt32.fetchOne(db, sql: "SELECT number FROM sensor WHERE id = ?", arguments: [id]).map {
            StreamKey(sensor: SensorIndex(rawValue: $0), quantity: quantity)
        }
    }

    /// What of the log is not folded yet, by event time; those of one moment as they came.
    static func tail(
        _ db: Database, of stream: StreamKey, _ progress: HistoryProgress, fromMs: Int64, toMs: Int64
    ) throws -> [HistoryReading] {
        let rows = try RawStatement(
            db,
            """
            SELECT observed_at, value, flags FROM reading
            WHERE sequence > ? AND sensor = ? AND quantity = ? AND observed_at BETWEEN ? AND ? ORDER BY sequence
            """)
        rows.bind(progress.fold.reached(stream), at: 1)
        rows.bind(stream.rawValue >> 8, at: 2)
        rows.bind(stream.rawValue & 0xFF, at: 3)
        rows.bind(fromMs, at: 4)
        rows.bind(toMs, at: 5)
        var readings: [HistoryReading] = []
        while try rows.step() {
            readings.append(
                HistoryReading(
                    atMs: rows.integer(0), value: rows.double(1),
                    flags: ReadingFlags(rawValue: UInt16(truncatingIfNeeded: rows.integer(2)))))
        }
        return readings.enumerated()
            .sorted { ($0.element.atMs, $0.offset) < ($1.element.atMs, $1.offset) }.map(\.element)
    }
}
