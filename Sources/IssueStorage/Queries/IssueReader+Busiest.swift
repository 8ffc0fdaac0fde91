internal import GRDB
public import Readings

/// How much one sensor has sent lately.
public struct SensorTraffic: Sendable, Equatable {
    public var sensorID: String
    public var kind: SensorKind
    public var ward: String?
    public var readings: Int
    /// Those of them that were late, clamped or in conflict with others.
    public var odd: Int
}

extension IssueReader {
    /// At most so many of the newest readings are counted, so that it costs some ten milliseconds at any rate.
    public static let countedReadings = 100_000

    /// The sensors that have sent most since `sinceMs`, by arrival; and those whose readings were odd most often.
    public func traffic(
        sinceMs: Int64, limit: Int
    ) async throws -> (busiest: [SensorTraffic], noisiest: [SensorTraffic]) {
        try await read("what sensors have sent") { db in
            let sql = """
                SELECT s.id, s.kind, s.ward, r.readings, r.odd FROM (
                    SELECT sensor, count(*) AS readings, sum(flags & ? != 0) AS odd FROM reading
                    WHERE sequence > (SELECT coalesce(max(sequence), 0) FROM reading) - ? AND arrived_at >= ?
                    GROUP BY sensor
                ) r JOIN sensor s ON s.number = r.sensor ORDER BY readings DESC, s.id
                """
            let flags: ReadingFlags = [.late, .clockAhead, .conflict]
            let all = try Row.fetchAll(
                db, sql: sql, arguments: [Int64(flags.rawValue), Self.countedReadings, sinceMs]
            ).map { row in
                let kind: UInt8 = row["kind"]
                return SensorTraffic(
                    sensorID: row["id"], kind: try known(SensorKind(rawValue: kind), "sensor", "kind", kind),
                    ward: row["ward"], readings: row["readings"], odd: row["odd"])
            }
            let noisy = all.filter { $0.odd > 0 }.sorted { ($1.odd, $0.sensorID) < ($0.odd, $1.sensorID) }
            return (Array(all.prefix(limit)), Array(noisy.prefix(limit)))
        }
    }
}
