internal import GRDB
internal import Readings

extension IssueReader {
    /// How every sensor does, in the order in which they were met.
    ///
    /// Looks at the newest 200,000 rows of the log: some 0.1 s. What it tells may be shared for a few seconds.
    public func standings(limit: Int = 100_000) async throws -> [SensorStanding] {
        try await read("sensors") { [registry] db in
            var standings: [SensorStanding] = []
            var places: [Int64: Int] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT * FROM sensor ORDER BY number LIMIT ?", arguments: [limit]) {
                places[row["number"]] = standings.count
                standings.append(SensorStanding(sensor: try SensorRow.sensor(row)))
            }
            let folded = "SELECT stream >> 8 AS sensor, max(last_at) AS at FROM history_open GROUP BY stream >> 8"
            for row in try Row.fetchAll(db, sql: folded) {
                if let place = places[row["sensor"]] { standings[place].lastHeardMs = row["at"] }
            }
            try Self.addTail(db, places, to: &standings)
            try Self.addHearing(db, places, to: &standings)
            try Self.addFindings(db, places, to: &standings)
            guard standings.count < limit else { return standings }
            let met = Set(standings.map(\.sensor.id))
            let unheard = try registry().lazy.filter { !met.contains($0.id) }
            return standings + unheard.prefix(limit - standings.count).map(SensorStanding.init)
        }
    }

    /// What a sensor has sent, by quantity. Empty for one that was never met.
    public func streams(ofSensor id: String) async throws -> [SensorStream] {
        try await read("a sensor's history") { db in
            guard let number = try Int64.fetchOne(db, sql: "SELECT number FROM sensor WHERE id = ?", arguments: [id])
            else { return [] }
            var found: [Quantity: SensorStream] = [:]
            func add(_ quantity: Quantity?, _ first: Int64?, _ last: Int64?) {
                guard let quantity, let first, let last else { return }
                let known = found[quantity]
                found[quantity] = SensorStream(
                    quantity: quantity, firstMs: min(known?.firstMs ?? first, first),
                    lastMs: max(known?.lastMs ?? last, last))
            }
            for quantity in Quantity.allCases {
                let stream = StreamKey(
                    sensor: SensorIndex(rawValue: UInt32(number)), quantity: quantity
                ).rawValue
                let open = try Row.fetchOne(
                    db, sql: "SELECT first_at, last_at FROM history_open WHERE stream = ?", arguments: [stream])
                add(quantity, open?["first_at"], open?["last_at"])
                for tier in HistoryTier.allCases {
                    // The index leads to the first chunk and to the last.
                    for order in ["ASC", "DESC"] {
                        let chunk = try Row.fetchOne(
                            db,
                            sql: """
                                SELECT first_at, last_at FROM history_chunk WHERE tier = ? AND stream = ?
                                ORDER BY first_at \(order) LIMIT 1
                                """,
                            arguments: [Int64(tier.rawValue), stream])
                        add(quantity, chunk?["first_at"], chunk?["last_at"])
                    }
                }
            }
            let folded = try HistoryProgress(db).fold.done
            let tail = """
                SELECT quantity, min(observed_at) AS first_at, max(observed_at) AS last_at FROM reading
                WHERE sequence > ? AND sensor = ? GROUP BY quantity
                """
            for row in try Row.fetchAll(db, sql: tail, arguments: [folded, number]) {
                add(Quantity(rawValue: row["quantity"]), row["first_at"], row["last_at"])
            }
            return found.values.sorted { $0.quantity.rawValue < $1.quantity.rawValue }
        }
    }

    /// What rules found at a sensor, newest first.
    public func findings(ofSensor id: String, limit: Int) async throws -> [SensorFinding] {
        try await read("a sensor's incidents") { db in
            let sql = """
                SELECT rule, state, pending_since, resolved_at, request_id FROM incident
                WHERE sensor = (SELECT number FROM sensor WHERE id = ?) ORDER BY pending_since DESC LIMIT ?
                """
            return try Row.fetchAll(db, sql: sql, arguments: [id, max(0, limit)]).map {
                SensorFinding(
                    rule: $0["rule"], state: $0["state"], sinceMs: $0["pending_since"], resolvedAtMs: $0["resolved_at"],
                    requestID: $0["request_id"])
            }
        }
    }

    private static let tailRows: Int64 = 200_000

    private static func addTail(
        _ db: Database, _ places: [Int64: Int], to standings: inout [SensorStanding]
    ) throws {
        let newest = try Int64.fetchOne(db, sql: "SELECT max(sequence) FROM reading") ?? 0
        let rows = try RawStatement(
            db, "SELECT sensor, quantity, observed_at, value, counter FROM reading WHERE sequence > ? ORDER BY sequence"
        )
        rows.bind(newest - tailRows, at: 1)
        var tallies = [FrameTally](repeating: FrameTally(), count: standings.count)
        while try rows.step() {
            guard let place = places[rows.integer(0)] else { continue }
            standings[place].lastHeardMs = max(standings[place].lastHeardMs ?? .min, rows.integer(2))
            if rows.integer(1) == Int64(Quantity.battery.rawValue) { standings[place].batteryPercent = rows.double(3) }
            if !rows.isNull(4) { tallies[place].note(rows.integer(4)) }
        }
        for place in standings.indices { standings[place].lostShare = tallies[place].lostShare }
    }

    /// What frame counters and arrivals say, from before the tail as well.
    private static func addHearing(
        _ db: Database, _ places: [Int64: Int], to standings: inout [SensorStanding]
    ) throws {
        for row in try Row.fetchAll(db, sql: "SELECT * FROM sensor_link") {
            guard let place = places[row["sensor"]] else { continue }
            standings[place].lostShare = LinkRow.link(row).lossShare
        }
        for row in try Row.fetchAll(db, sql: "SELECT * FROM sensor_cadence") {
            if let place = places[row["sensor"]] { standings[place].learnedIntervalS = row["interval_s"] }
        }
    }

    private static func addFindings(
        _ db: Database, _ places: [Int64: Int], to standings: inout [SensorStanding]
    ) throws {
        // The first condition is the partial index's own words: without it every incident there ever was is read.
        let firing = """
            SELECT sensor, rule, request_id FROM incident WHERE state <> 'resolved' AND state = 'firing' ORDER BY key
            """
        let faults = ["silence", "stuck", "implausible", "drift", "clock"]
        for row in try Row.fetchAll(db, sql: firing) {
            guard let place = places[row["sensor"]] else { continue }
            let rule: String = row["rule"]
            if faults.contains(rule), !standings[place].faults.contains(rule) { standings[place].faults.append(rule) }
            if let request: Int64 = row["request_id"], !standings[place].openRequests.contains(request) {
                standings[place].openRequests.append(request)
            }
        }
        let silent = "SELECT id, sensor_id FROM request WHERE status = 'open' AND detector = 'gateway-silence'"
        for row in try Row.fetchAll(db, sql: silent) {
            let (request, gateway): (Int64, String) = (row["id"], row["sensor_id"])
            for place in standings.indices where standings[place].sensor.gateway == gateway {
                standings[place].faults.append("gateway-silence")
                standings[place].openRequests.append(request)
            }
        }
    }
}
