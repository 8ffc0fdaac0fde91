internal import GRDB
public import Incidents
public import Readings

/// A quarantined message with its number, as stored.
public struct QuarantineEntry: Sendable, Equatable {
    public var id: Int64
    public var message: QuarantinedMessage

    public init(id: Int64, message: QuarantinedMessage) { (self.id, self.message) = (id, message) }
}

extension IssueReader {
    /// Sensors in the order in which they were met.
    public func sensors(limit: Int) async throws -> [Sensor] {
        try await read("sensors") { db in
            let sql = "SELECT * FROM sensor ORDER BY number LIMIT ?"
            return try Row.fetchAll(db, sql: sql, arguments: [max(0, limit)]).map(SensorRow.sensor)
        }
    }

    /// The sensor with this id, or nil.
    public func sensor(id: String) async throws -> Sensor? {
        try await read("a sensor") { [registry] db in
            try Row.fetchOne(db, sql: "SELECT * FROM sensor WHERE id = ?", arguments: [id]).map(SensorRow.sensor)
                ?? registry().first { $0.id == id }
        }
    }

    /// How well the sensor with this id is heard; nil where no frame of it was counted.
    public func link(ofSensor id: String) async throws -> SensorLink? {
        try await read("a sensor's link") { db in
            try Row.fetchOne(
                db, sql: "SELECT * FROM sensor_link WHERE sensor = (SELECT number FROM sensor WHERE id = ?)",
                arguments: [id]
            ).map(LinkRow.link)
        }
    }

    /// How often the sensor with this id speaks, as far as that was learned, in seconds.
    public func learnedInterval(ofSensor id: String) async throws -> Int? {
        try await read("a sensor's cadence") { db in
            try Int.fetchOne(
                db,
                sql: "SELECT interval_s FROM sensor_cadence WHERE sensor = (SELECT number FROM sensor WHERE id = ?)",
                arguments: [id])
        }
    }

    /// One sensor's readings with event times from `fromMs` to `toMs`, both inclusive, in stream order; the last
    /// `limit` of them if there are more. Empty for a sensor that was never met.
    ///
    /// The log has no index on sensors, so this walks it back to where readings of `fromMs` can have arrived: it
    /// costs what all sensors have sent since. Ask for recent stretches.
    public func readings(sensor id: String, from fromMs: Int64, to toMs: Int64, limit: Int) async throws -> [Reading] {
        try await read("readings") { db in
            guard let number = try Int64.fetchOne(db, sql: "SELECT number FROM sensor WHERE id = ?", arguments: [id])
            else { return [] }
            // A reading never arrives before its event time, but for clocks that run ahead a little.
            let earliest = max(fromMs, .min + Self.clockSlackMs) - Self.clockSlackMs
            let first = try LogSearch.firstSequence(db, arrivedAtMs: earliest)
            let statement = try RawStatement(
                db,
                """
                SELECT \(ReadingRow.columns) FROM reading
                WHERE sequence >= ? AND sensor = ? AND observed_at BETWEEN ? AND ? ORDER BY sequence DESC LIMIT ?
                """)
            for (index, value) in [first, number, fromMs, toMs, Int64(max(0, limit))].enumerated() {
                statement.bind(value, at: Int32(index + 1))
            }
            var readings: [Reading] = []
            while try statement.step() { readings.append(try ReadingRow.logged(statement).reading) }
            return readings.reversed()
        }
    }

    /// What could not be decoded, newest first.
    public func quarantine(limit: Int) async throws -> [QuarantineEntry] {
        try await read("the quarantine") { db in
            try Row.fetchAll(db, sql: "SELECT * FROM quarantine ORDER BY id DESC LIMIT ?", arguments: [max(0, limit)])
                .map { QuarantineEntry(id: $0["id"], message: try QuarantineRow.message($0)) }
        }
    }

    /// Those of the quarantined messages that are meant, newest first.
    ///
    /// - Parameter mostBytes: of payloads; the first message is there in any case.
    public func quarantine(
        _ selection: QuarantineSelection, limit: Int, mostBytes: Int = .max
    ) async throws -> [QuarantineEntry] {
        try await read("the quarantine") { db in
            try QuarantineTable.entries(db, selection, limit: limit, mostBytes: mostBytes)
        }
    }

    /// How many of the quarantined messages are meant.
    public func quarantineCount(_ selection: QuarantineSelection) async throws -> Int {
        try await read("the quarantine") { db in try QuarantineTable.count(db, selection) }
    }

    /// Those of the quarantined messages with these numbers that are still there, by number.
    public func quarantine(ids: [Int64]) async throws -> [QuarantineEntry] {
        try await read("the quarantine") { db in
            let places = Array(repeating: "?", count: ids.count).joined(separator: ", ")
            return try Row.fetchAll(
                db, sql: "SELECT * FROM quarantine WHERE id IN (\(places)) ORDER BY id",
                arguments: StatementArguments(ids)
            ).map { QuarantineEntry(id: $0["id"], message: try QuarantineRow.message($0)) }
        }
    }

    /// How many messages are in quarantine, by reason. Reasons without any are absent.
    public func quarantineCounts() async throws -> [QuarantineReason: Int] {
        try await read("the quarantine") { db in
            var counts: [QuarantineReason: Int] = [:]
            let sql = "SELECT reason, count(*) AS number FROM quarantine GROUP BY reason"
            for row in try Row.fetchAll(db, sql: sql) {
                let reason: UInt8 = row["reason"]
                counts[try known(QuarantineReason(rawValue: reason), "quarantine", "reason", reason)] = row["number"]
            }
            return counts
        }
    }

    /// Twice what a device's clock may be ahead before its readings are taken at arrival time.
    private static let clockSlackMs: Int64 = 10 * 60 * 1000
}
