internal import FoundationEssentials
internal import GRDB
internal import Incidents
internal import IssueStorage
internal import Readings

/// What has been folded stands in the history: every reading, and nothing else.
enum HistoryCheck {
    private struct Entry: Hashable {
        var stream: Int64
        var atMs: Int64
        var value: Double
    }

    /// Table `progress`: its row for folding.
    private static let foldTask = 1

    static func isComplete(_ db: Database, _ mirror: StreamMirror) throws {
        let found = try stored(db)
        let expected = try folded(db, mirror)
        for entry in expected where !found.contains(entry) {
            throw Violation("folded, but not in the history: \(entry)")
        }
        for entry in found where !expected.contains(entry) {
            throw Violation("in the history, but not yet folded or never sent: \(entry)")
        }
    }

    /// What the rows of the history hold.
    private static func stored(_ db: Database) throws -> Set<Entry> {
        var entries: Set<Entry> = []
        let sql =
            "SELECT stream, content FROM history_open UNION ALL SELECT stream, content FROM history_chunk WHERE tier = 0"
        for row in try Row.fetchAll(db, sql: sql) {
            let content: Data = row["content"]
            for reading in try HistoryReading.unpack(Array(content)) {
                entries.insert(Entry(stream: row["stream"], atMs: reading.atMs, value: reading.value))
            }
        }
        return entries
    }

    /// What `progress` says has been folded, of what the stream held.
    private static func folded(_ db: Database, _ mirror: StreamMirror) throws -> Set<Entry> {
        let row = try Row.fetchOne(
            db, sql: "SELECT done, target, next FROM progress WHERE task = ?", arguments: [foldTask])
        guard let row else { throw Violation("table progress lacks the row for folding") }
        let (done, target, next): (Int64, Int64?, Int64) = (row["done"], row["target"], row["next"])
        var entries: Set<Entry> = []
        for case .reading(let logged) in mirror.entries {
            let reading = logged.reading
            let stream = Int64(reading.sensor.rawValue) << 8 | Int64(reading.quantity.rawValue)
            let reached = stream < next ? target ?? done : done
            guard logged.sequence <= reached else { continue }
            entries.insert(Entry(stream: stream, atMs: reading.observedAtMs, value: reading.value))
        }
        return entries
    }
}
