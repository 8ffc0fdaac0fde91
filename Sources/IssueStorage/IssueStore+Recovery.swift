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

/// What the last run left, as far as a start needs it beside the log.
public struct StoredState: Sendable, Equatable {
    /// The highest sequence in the log; 0 if it is empty.
    public var lastSequence: Int64
    /// The request of each incident key that ever had one.
    public var requestIDs: [String: Int64]
    /// The last update's number of each request that has any.
    public var lastUpdates: [Int64: Int]
    /// Requests that are open, by id.
    public var openRequests: [ServiceRequest]
    /// The clocks that stored sensors follow: IANA names.
    public var timeZones: [String]

    public init(
        lastSequence: Int64, requestIDs: [String: Int64], lastUpdates: [Int64: Int], openRequests: [ServiceRequest],
        timeZones: [String]
    ) {
        self.lastSequence = lastSequence
        self.requestIDs = requestIDs
        self.lastUpdates = lastUpdates
        self.openRequests = openRequests
        self.timeZones = timeZones
    }
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

    /// What the last run left. Before the store is started.
    public func storedState() throws(StorageError) -> StoredState {
        do {
            return try beforeStart { db in
                let ids = try Row.fetchAll(db, sql: "SELECT incident_key, id FROM request")
                let numbers = try Row.fetchAll(
                    db, sql: "SELECT request_id, max(number) AS number FROM request_update GROUP BY request_id")
                let open = try Row.fetchAll(db, sql: "SELECT * FROM request WHERE status = 'open' ORDER BY id")
                return StoredState(
                    lastSequence: try Self.lastSequence(db),
                    requestIDs: Dictionary(uniqueKeysWithValues: ids.map { ($0["incident_key"], $0["id"]) }),
                    lastUpdates: Dictionary(uniqueKeysWithValues: numbers.map { ($0["request_id"], $0["number"]) }),
                    openRequests: try open.map(RequestRow.request),
                    timeZones: try String.fetchAll(
                        db, sql: "SELECT DISTINCT time_zone FROM sensor WHERE time_zone IS NOT NULL ORDER BY 1"))
            }
        } catch {
            throw StorageError(error, path: database.path, doing: "reading what was filed")
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
