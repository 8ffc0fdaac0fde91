internal import Foundation
internal import GRDB
internal import Readings

/// What a data directory holds, read beside the daemon or after it.
public struct StoredStream: Sendable {
    private let queue: DatabaseQueue

    /// A request, as far as it follows from the stream alone.
    public struct Request: Sendable, Equatable {
        public var id: Int64
        public var key: String
        public var status: String
        public var rule: String
        public var sensorCount: Int
        /// Event times, in milliseconds since the Unix epoch.
        public var firstSeenMs: Int64
        public var clearedAtMs: Int64?
        /// How long after it was raised its service promises to deal with it, in milliseconds. Nil with a forecast: that is an
        /// event time, and when it is the sooner of the two depends on the daemon's clock.
        public var promisedMs: Int64?
        public var forecastAtMs: Int64?
        /// Who deals with it, in words.
        public var notice: String
    }

    /// A stored reading.
    public struct Row: Sendable, Equatable {
        public var sensorID: String
        public var observedAtMs: Int64
        public var value: Double
        public var isLate: Bool
    }

    /// - Throws: when there is no database in `directory`.
    public init(directory: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        queue = try DatabaseQueue(path: directory + "/sluice.db", configuration: configuration)
    }

    public func readingCount() throws -> Int {
        try queue.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM reading") ?? 0 }
    }

    /// Readings that are stored at least once.
    public func distinctReadingCount() throws -> Int {
        try queue.read { db in
            let sql = "SELECT count(*) FROM (SELECT DISTINCT sensor, quantity, observed_at FROM reading)"
            return try Int.fetchOne(db, sql: sql) ?? 0
        }
    }

    public func quarantineCount() throws -> Int {
        try queue.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM quarantine") ?? 0 }
    }

    /// The last time of the daemon's clock that the stream has met, in milliseconds since the Unix epoch.
    public func lastTickMs() throws -> Int64? {
        try queue.read { db in
            try Int64.fetchOne(db, sql: "SELECT at FROM stream_event WHERE kind = 1 ORDER BY sequence DESC LIMIT 1")
        }
    }

    /// The sensors that were let in, in the order of their ids.
    public func sensorIDs() throws -> [String] {
        try queue.read { db in try String.fetchAll(db, sql: "SELECT id FROM sensor ORDER BY id") }
    }

    /// The topics of what could not be taken.
    public func quarantinedTopics() throws -> [String] {
        try queue.read { db in
            try String.fetchAll(db, sql: "SELECT DISTINCT CAST(topic AS TEXT) FROM quarantine ORDER BY topic")
        }
    }

    /// Bytes of payload that the quarantine keeps.
    public func quarantineBytes() throws -> Int {
        try queue.read { db in
            try Int.fetchOne(db, sql: "SELECT coalesce(sum(length(payload)), 0) FROM quarantine") ?? 0
        }
    }

    /// Every reading, in the order of the stream.
    public func forEachReading(_ body: (Row) throws -> Void) throws {
        try queue.read { db in
            let rows = try GRDB.Row.fetchCursor(
                db,
                sql: """
                    SELECT sensor.id, observed_at, value, flags FROM reading JOIN sensor ON sensor.number = reading.sensor
                    ORDER BY reading.sequence
                    """)
            while let row = try rows.next() {
                let flags = ReadingFlags(rawValue: UInt16(truncatingIfNeeded: row[3] as Int64))
                try body(
                    Row(sensorID: row[0], observedAtMs: row[1], value: row[2], isLate: flags.contains(.late)))
            }
        }
    }

    /// Every request, by number.
    public func requests() throws -> [Request] {
        try queue.read { db in
            try GRDB.Row.fetchAll(
                db,
                sql: """
                    SELECT id, incident_key, status, detector, sensor_count, first_seen, cleared_at,
                        CASE WHEN forecast_at IS NULL THEN expected_at - requested_at END, forecast_at, notice
                    FROM request ORDER BY id
                    """
            ).map { row in
                Request(
                    id: row[0], key: row[1], status: row[2], rule: row[3], sensorCount: row[4], firstSeenMs: row[5],
                    clearedAtMs: row[6], promisedMs: row[7], forecastAtMs: row[8], notice: row[9])
            }
        }
    }

    /// What SQLite says of the whole file: "ok" when it is sound.
    public func integrity() throws -> String {
        try queue.read { db in try String.fetchOne(db, sql: "PRAGMA integrity_check(1)") ?? "no answer" }
    }
}
