internal import GRDB
public import Incidents
public import Open311

/// One entry of the stream log.
public enum RecoveredEntry: Sendable, Equatable {
    /// Out of line: the others are small and come by the million.
    indirect case sensor(CommitBatch.NewSensor)
    case reading(LoggedReading)
    case event(StreamEvent)
}

/// Where the last run ended, and what it left open.
public struct OpenState: Sendable, Equatable {
    /// The highest sequence in the log; 0 if it is empty.
    public var lastSequence: Int64
    /// The highest request id given; 0 before the first.
    public var lastRequestID: Int64
    /// Requests that are open, or were closed at or after the time asked for, by id.
    public var requests: [ServiceRequest]
    /// The last update's number, by request id, of each of ``requests`` that has any.
    public var lastUpdateNumbers: [Int64: Int]
    /// Incidents that are not resolved, and all of ``requests``, by key.
    public var incidents: [IncidentRecord]
}

extension IssueStore {
    /// Streams the log in sequence order: sensors, readings and events merged. Before the store is started.
    /// Some 4 million entries a second.
    ///
    /// - Throws: ``StorageError``, or what `visit` throws.
    public func recover(_ visit: (RecoveredEntry) throws -> Void) throws {
        var stopped: (any Error)?
        do {
            try beforeStart { db in
                var log = try LogCursor(db)
                while let entry = try log.next() {
                    do {
                        try visit(entry)
                    } catch {
                        stopped = error
                        return
                    }
                }
            }
        } catch {
            throw StorageError(error, path: database.path, doing: "reading the stream log")
        }
        if let stopped { throw stopped }
    }

    /// What the last run left open. Before the store is started.
    ///
    /// - Parameter closedSinceMs: also requests closed at or after this time, for the hold-off of recurrences.
    public func openState(closedSinceMs: Int64 = .max) throws(StorageError) -> OpenState {
        do {
            return try beforeStart { db in
                let wanted = "FROM request WHERE status = 'open' OR (status = 'closed' AND updated_at >= ?)"
                let since = StatementArguments([closedSinceMs])
                let requests = try Row.fetchAll(db, sql: "SELECT * \(wanted) ORDER BY id", arguments: since)
                let numbers = try Row.fetchAll(
                    db,
                    sql: """
                        SELECT request_id, max(number) AS number FROM request_update
                        WHERE request_id IN (SELECT id \(wanted)) GROUP BY request_id
                        """, arguments: since)
                let incidents = try Row.fetchAll(
                    db,
                    sql: """
                        SELECT * FROM incident WHERE state <> 'resolved' OR request_id IN (SELECT id \(wanted))
                        ORDER BY key
                        """, arguments: since)
                return OpenState(
                    lastSequence: try Self.lastSequence(db),
                    lastRequestID: try Int64.fetchOne(db, sql: "SELECT max(id) FROM request") ?? 0,
                    requests: try requests.map(RequestRow.request),
                    lastUpdateNumbers: Dictionary(
                        uniqueKeysWithValues: numbers.map { ($0["request_id"], $0["number"]) }),
                    incidents: try incidents.map(IncidentRow.incident))
            }
        } catch {
            throw StorageError(error, path: database.path, doing: "reading what is open")
        }
    }

    private static func lastSequence(_ db: Database) throws -> Int64 {
        let sql = """
            SELECT max(
                ifnull((SELECT max(sequence) FROM reading), 0), ifnull((SELECT max(sequence) FROM stream_event), 0),
                ifnull((SELECT max(sequence) FROM sensor), 0))
            """
        return try Int64.fetchOne(db, sql: sql) ?? 0
    }
}
