package import GRDB
public import Incidents
public import Open311
public import Readings

/// What the last run left, as far as a start needs it beside the log.
public struct StoredState: Sendable, Equatable {
    /// The highest sequence in the log; 0 if it is empty.
    public var lastSequence: Int64
    /// The requests of incident keys that may be met again: those raised since the log begins and the newest ones, those that
    /// are open, and those that Sluice raised about itself. The greatest number of a stored request is among them.
    public var requestIDs: [String: Int64]
    /// New requests have greater numbers than this one: requests with numbers up to it were lost to damage. 0 if none was.
    public var greatestLostID: Int64
    /// The last update's number of each of these requests that has any. Of others:
    /// ``IssueStore/lastUpdates(ofRequests:)``.
    public var lastUpdates: [Int64: Int]
    /// Requests that are open, by id.
    public var openRequests: [ServiceRequest]
    /// The clocks that stored sensors follow, or did as far back as the log goes: IANA names.
    public var timeZones: [String]
    /// The pipeline's state as the newest complete turn of saving has it, by number; empty if there is none. Replay begins
    /// behind the first slice's sequence.
    public var savedState: [StateSlice]
    /// How far brokers' journals need no replay.
    public var journalPositions: [JournalPosition]
    /// The rule sets that the log has, oldest first: the one that held where it begins, and those since.
    public var ruleSets: [LoggedRules]
    /// How well sensors are heard: where their frame counters stand.
    public var links: [SensorLink]

    public init(
        lastSequence: Int64, requestIDs: [String: Int64], greatestLostID: Int64 = 0, lastUpdates: [Int64: Int],
        openRequests: [ServiceRequest], timeZones: [String], savedState: [StateSlice] = [],
        journalPositions: [JournalPosition] = [],
        ruleSets: [LoggedRules] = [], links: [SensorLink] = []
    ) {
        self.lastSequence = lastSequence
        self.requestIDs = requestIDs
        self.greatestLostID = greatestLostID
        self.lastUpdates = lastUpdates
        self.openRequests = openRequests
        self.timeZones = timeZones
        self.savedState = savedState
        self.journalPositions = journalPositions
        self.ruleSets = ruleSets
        self.links = links
    }

    /// How many requests are known by their keys at least: more than were ever filed alone on a full disk and met later.
    static let leastRequests: Int64 = 20_000

    /// Reads it all in the present snapshot of `db`.
    ///
    /// - Complexity: O(what is open, what the log and the saved state hold): however many requests were closed before.
    package init(_ db: Database) throws {
        let firstID = try Self.firstRecentID(db)
        let ids = try Self.requestIDs(db, from: firstID)
        let numbers = try Self.lastUpdates(db, from: firstID)
        let openSQL = "SELECT \(RequestRow.columns) FROM request WHERE status = 'open' ORDER BY id"
        var slices: [StateSlice] = []
        if let turn = try SliceRow.newestTurn(db) {
            let sql = "SELECT * FROM state_slice WHERE id BETWEEN ? AND ? ORDER BY id"
            // Row by row: it may be gigabytes, and is not to be held twice.
            let rows = try Row.fetchCursor(db, sql: sql, arguments: [turn.lowerBound, turn.upperBound])
            while let row = try rows.next() { slices.append(SliceRow.slice(row)) }
        }
        self.init(
            lastSequence: try Self.lastSequence(db),
            requestIDs: ids, greatestLostID: try RequestNumbers.greatestLost(db), lastUpdates: numbers,
            openRequests: try Array(Row.fetchCursor(db, sql: openSQL).map(RequestRow.request)),
            timeZones: try String.fetchAll(
                db,
                sql: """
                    SELECT time_zone FROM sensor WHERE time_zone IS NOT NULL
                    UNION SELECT time_zone FROM sensor_past WHERE time_zone IS NOT NULL ORDER BY 1
                    """),
            savedState: slices,
            journalPositions: try Row.fetchAll(db, sql: "SELECT * FROM journal_position ORDER BY journal")
                .map(JournalRow.position),
            ruleSets: try CommandRow.ruleSets(db),
            links: try Row.fetchAll(db, sql: "SELECT * FROM sensor_link ORDER BY sensor").map(LinkRow.link))
    }

    /// Requests are numbered in the order in which they were raised, so all since the log begins have numbers behind the first
    /// of them.
    private static func firstRecentID(_ db: Database) throws -> Int64 {
        let newest = try Int64.fetchOne(db, sql: "SELECT max(id) FROM request") ?? 0
        let sinceLogBegins = """
            SELECT min(id) FROM request WHERE requested_at >= (
                SELECT min(at) FROM (
                    SELECT * FROM (SELECT arrived_at AS at FROM reading ORDER BY sequence LIMIT 1)
                    UNION ALL SELECT * FROM (SELECT at FROM stream_event ORDER BY sequence LIMIT 1)
                    UNION ALL SELECT * FROM (
                        SELECT at FROM stream_command WHERE kind <> \(CommandRow.rulesKind) ORDER BY sequence LIMIT 1)))
            """
        return min(try Int64.fetchOne(db, sql: sinceLogBegins) ?? newest, newest - leastRequests)
    }

    private static func requestIDs(_ db: Database, from firstID: Int64) throws -> [String: Int64] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT incident_key, id FROM request WHERE id >= :first
                UNION ALL SELECT incident_key, id FROM request WHERE status = 'open' AND id < :first
                UNION ALL SELECT incident_key, id FROM request
                WHERE incident_key >= :notices AND incident_key < :behindNotices AND status <> 'open' AND id < :first
                """,
            arguments: [
                // The prefix ends in "/", and "0" comes next.
                "first": firstID, "notices": Notice.keyPrefix, "behindNotices": Notice.keyPrefix.dropLast() + "0",
            ])
        return Dictionary(uniqueKeysWithValues: rows.map { ($0["incident_key"], $0["id"]) })
    }

    private static func lastUpdates(_ db: Database, from firstID: Int64) throws -> [Int64: Int] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT request_id, max(number) AS number FROM request_update WHERE request_id >= :first GROUP BY request_id
                UNION ALL
                SELECT id, (SELECT max(number) FROM request_update WHERE request_id = id)
                FROM request WHERE status = 'open' AND id < :first
                """, arguments: ["first": firstID])
        return Dictionary(uniqueKeysWithValues: rows.map { ($0["request_id"], $0["number"] ?? 0) })
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
