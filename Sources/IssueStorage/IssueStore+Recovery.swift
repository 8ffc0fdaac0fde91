package import GRDB
public import Incidents
public import Open311
public import Readings

/// One entry of the stream log.
public enum RecoveredEntry: Sendable, Equatable {
    /// Out of line: the others are small and come by the million.
    indirect case sensor(CommitBatch.NewSensor)
    case reading(LoggedReading)
    case event(StreamEvent)
    indirect case command(LoggedCommand)
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
    /// The pipeline's state as the newest complete turn of saving has it, by number; empty if there is none. Replay begins
    /// behind the first slice's sequence.
    public var savedState: [StateSlice]
    /// How far brokers' journals need no replay.
    public var journalPositions: [JournalPosition]

    public init(
        lastSequence: Int64, requestIDs: [String: Int64], lastUpdates: [Int64: Int], openRequests: [ServiceRequest],
        timeZones: [String], savedState: [StateSlice] = [], journalPositions: [JournalPosition] = []
    ) {
        self.lastSequence = lastSequence
        self.requestIDs = requestIDs
        self.lastUpdates = lastUpdates
        self.openRequests = openRequests
        self.timeZones = timeZones
        self.savedState = savedState
        self.journalPositions = journalPositions
    }

    /// Reads it all in the present snapshot of `db`.
    package init(_ db: Database) throws {
        let ids = try Row.fetchAll(db, sql: "SELECT incident_key, id FROM request")
        let numbers = try Row.fetchAll(
            db, sql: "SELECT request_id, max(number) AS number FROM request_update GROUP BY request_id")
        let open = try Row.fetchAll(db, sql: "SELECT * FROM request WHERE status = 'open' ORDER BY id")
        var slices: [StateSlice] = []
        if let turn = try SliceRow.newestTurn(db) {
            let sql = "SELECT * FROM state_slice WHERE id BETWEEN ? AND ? ORDER BY id"
            slices = try Row.fetchAll(db, sql: sql, arguments: [turn.lowerBound, turn.upperBound]).map(SliceRow.slice)
        }
        self.init(
            lastSequence: try Self.lastSequence(db),
            requestIDs: Dictionary(uniqueKeysWithValues: ids.map { ($0["incident_key"], $0["id"]) }),
            lastUpdates: Dictionary(uniqueKeysWithValues: numbers.map { ($0["request_id"], $0["number"]) }),
            openRequests: try open.map(RequestRow.request),
            timeZones: try String.fetchAll(
                db, sql: "SELECT DISTINCT time_zone FROM sensor WHERE time_zone IS NOT NULL ORDER BY 1"),
            savedState: slices,
            journalPositions: try Row.fetchAll(db, sql: "SELECT * FROM journal_position ORDER BY journal")
                .map(JournalRow.position))
    }

    /// The log may have been trimmed to its end, so what was folded and saved counts as well.
    private static func lastSequence(_ db: Database) throws -> Int64 {
        let sql = """
            SELECT max(
                ifnull((SELECT max(sequence) FROM reading), 0), ifnull((SELECT max(sequence) FROM stream_event), 0),
                ifnull((SELECT max(sequence) FROM sensor), 0), ifnull((SELECT max(sequence) FROM state_slice), 0),
                ifnull((SELECT max(sequence) FROM stream_command), 0),
                (SELECT done FROM progress WHERE task = \(HistoryProgress.fold)))
            """
        return try Int64.fetchOne(db, sql: sql) ?? 0
    }
}

extension RecoveredEntry {
    /// Streams the log of `db` behind `sequence`, in its order, with all sensors in their places.
    package static func stream(
        _ db: Database, after sequence: Int64, _ visit: (RecoveredEntry) throws -> Void
    ) throws {
        var log = try LogCursor(db, after: sequence)
        while let entry = try log.next() { try visit(entry) }
    }
}

extension IssueStore {
    /// Streams the log in sequence order: sensors, readings, events and commands merged. Before the store is started.
    /// Some 4 million entries a second.
    ///
    /// - Parameter sequence: what is behind it is streamed; 0 streams them all. Sensors are always streamed
    ///   all, each in its place, so those that were met before come first.
    /// - Throws: ``StorageError``, or what `visit` throws. When it is ``StorageError/corrupted(path:detail:)``, the database
    ///   has been moved aside and a new one begun (``recoveredFromDamage``): start over with ``storedState()``, and with
    ///   nothing of what was streamed.
    public func recover(after sequence: Int64 = 0, _ visit: (RecoveredEntry) throws -> Void) throws {
        var stopped: (any Error)?
        do {
            try beforeStart { db in
                try RecoveredEntry.stream(db, after: sequence) { entry in
                    do {
                        try visit(entry)
                    } catch {
                        stopped = error
                        throw error
                    }
                }
            }
        } catch {
            if let stopped { throw stopped }
            let doing = "reading the stream log"
            guard DamagedFiles.isDamage(error) else { throw StorageError(error, path: database.path, doing: doing) }
            let isReplaced = try replaceDamaged(error) { db in
                try RecoveredEntry.stream(db, after: sequence) { _ in }
            }
            if isReplaced { throw StorageError.corrupted(path: database.path, detail: "\(error)") }
            throw StorageError.failed(
                path: database.path, doing: doing, reason: "\(error), but not a second time: start again")
        }
    }

    /// What the last run left. Before the store is started.
    ///
    /// A database that turns out to be damaged is moved aside, and what could be saved from it is returned: see
    /// ``recoveredFromDamage``.
    public func storedState() throws(StorageError) -> StoredState {
        do {
            return try beforeStart(StoredState.init)
        } catch  where DamagedFiles.isDamage(error) {
            // Sound or new, it is another connection now, and asked once.
            _ = try replaceDamaged(error) { _ = try StoredState($0) }
        } catch {
            throw StorageError(error, path: database.path, doing: Self.readingState)
        }
        do {
            return try beforeStart(StoredState.init)
        } catch {
            throw StorageError(error, path: database.path, doing: Self.readingState)
        }
    }

    private static let readingState = "reading what was filed"
}
