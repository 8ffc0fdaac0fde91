package import GRDB
internal import Open311

/// The outbox's writes, inside a transaction that the caller holds. Rows themselves are made by a trigger: see
/// ``Schema/outboxTables``.
package enum OutboxWriter {
    /// Makes the destinations in the database those of the configuration: new ones start, changed ones keep what is queued,
    /// missing ones are retired.
    ///
    /// - Complexity: for a new one that starts at the beginning, one row for each change in the store that it wants.
    package static func configure(_ destinations: [OutboxDestination], in db: Database, nowMs: Int64) throws {
        let wanted = Set(destinations.map(\.name))
        let known = try Row.fetchAll(db, sql: "SELECT number, name, kind, retired_at FROM outbox_destination")
        for row in known where row["retired_at"] == nil && !wanted.contains(row["name"]) {
            try retire(row["number"], in: db, nowMs: nowMs)
        }
        for destination in destinations {
            if let row = known.first(where: { $0["name"] == destination.name }),
                row["kind"] == destination.kind.rawValue
            {
                let arguments = try filters(destination) + [row["number"]]
                try db.execute(
                    sql: """
                        UPDATE outbox_destination SET services = ?, wards = ?, least_severity = ?, status_only = ?,
                            retired_at = NULL WHERE number = ?
                        """, arguments: arguments)
            } else {
                try add(destination, in: db, nowMs: nowMs)
            }
        }
    }

    /// The names of all destinations that are or were configured, in that order.
    package static func destinationNames(in db: Database) throws -> [String] {
        try String.fetchAll(db, sql: "SELECT name FROM outbox_destination ORDER BY number")
    }

    private static func add(_ destination: OutboxDestination, in db: Database, nowMs: Int64) throws {
        // What another kind of destination knew under this name means nothing to the new one.
        if let old = try Int64.fetchOne(
            db, sql: "SELECT number FROM outbox_destination WHERE name = ?", arguments: [destination.name])
        {
            for table in ["outbox", "outbox_foreign", "outbox_topic"] {
                try db.execute(sql: "DELETE FROM \(table) WHERE destination = ?", arguments: [old])
            }
            try db.execute(sql: "DELETE FROM outbox_destination WHERE number = ?", arguments: [old])
        }
        let arguments: StatementArguments = [destination.name, destination.kind.rawValue, nowMs]
        try db.execute(
            sql: """
                INSERT INTO outbox_destination (name, kind, added_at, services, wards, least_severity, status_only)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """, arguments: try arguments + filters(destination))
        guard destination.startsAtBeginning else { return }
        try db.execute(
            sql: """
                INSERT INTO outbox (destination, request_id, number, queued_at, state, due_at)
                SELECT destination, request_id, update_number, now, 'queued', now FROM outbox_wanted
                WHERE destination = ? ORDER BY at, request_id, update_number
                """, arguments: [db.lastInsertedRowID])
    }

    private static func filters(_ destination: OutboxDestination) throws -> StatementArguments {
        [
            jsonList(destination.services?.map(\.rawValue)), jsonList(destination.wards), destination.leastSeverity,
            destination.isStatusOnly,
        ]
    }

    private static func retire(_ number: Int64, in db: Database, nowMs: Int64) throws {
        try db.execute(
            sql: "UPDATE outbox_destination SET retired_at = ? WHERE number = ?", arguments: [nowMs, number])
        try db.execute(
            sql: "UPDATE outbox SET state = 'retired' WHERE destination = ? AND state = 'queued'", arguments: [number])
    }

    // MARK: - What became of deliveries

    package static func apply(_ changes: [OutboxChange], in db: Database) throws {
        for change in changes { try apply(change, in: db) }
    }

    private static func apply(_ change: OutboxChange, in db: Database) throws {
        let (sql, arguments) = statement(change)
        try db.cachedStatement(sql: sql).execute(arguments: arguments)
        switch change {
        case .delivered(let id, _):
            // Last: its destination was counted by it.
            try db.cachedStatement(sql: "DELETE FROM outbox WHERE id = ?").execute(arguments: [id])
        case .filed(let destination, let requestID, _, _):
            let sql = "UPDATE outbox SET unclear_since = NULL WHERE destination = ? AND request_id = ?"
            try db.cachedStatement(sql: sql).execute(arguments: [destination, requestID])
        default: break
        }
    }

    private static func statement(_ change: OutboxChange) -> (String, StatementArguments) {
        switch change {
        case .delivered(let id, let atMs):
            (
                """
                UPDATE outbox_destination SET delivered = delivered + 1, delivered_at = ?
                WHERE number = (SELECT destination FROM outbox WHERE id = ?)
                """, [atMs, id]
            )
        case .withheld(let id):
            ("DELETE FROM outbox WHERE id = ?", [id])
        case .sending(let id, let atMs):
            ("UPDATE outbox SET unclear_since = coalesce(unclear_since, ?) WHERE id = ?", [atMs, id])
        case .failed(let id, let atMs, let dueAtMs, let reason, let isUnclear):
            (
                """
                UPDATE outbox SET attempts = attempts + 1, tried_at = ?, due_at = ?, reason = ?,
                    unclear_since = CASE WHEN ? THEN coalesce(unclear_since, ?) END
                WHERE id = ?
                """, [atMs, dueAtMs, reason, isUnclear, atMs, id]
            )
        case .postponed(let id, let dueAtMs, let reason):
            ("UPDATE outbox SET due_at = ?, reason = ? WHERE id = ?", [dueAtMs, reason, id])
        case .dead(let id, let atMs, let reason, let isUnclear):
            (
                """
                UPDATE outbox SET state = 'dead', attempts = attempts + 1, tried_at = ?, reason = ?,
                    unclear_since = CASE WHEN ? THEN coalesce(unclear_since, ?) END
                WHERE id = ?
                """, [atMs, reason, isUnclear, atMs, id]
            )
        case .filed(let destination, let requestID, let foreign, let atMs):
            (
                """
                INSERT INTO outbox_foreign (destination, request_id, foreign_id, token, filed_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET foreign_id = excluded.foreign_id, token = excluded.token
                """, [destination, requestID, foreign.id, foreign.token, atMs]
            )
        case .retained(let destination, let topic, let clearAtMs):
            (
                """
                INSERT INTO outbox_topic (destination, request_id, topic, clear_at) VALUES (?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET topic = excluded.topic, clear_at = excluded.clear_at
                """, [destination, topic.requestID, topic.topic, clearAtMs]
            )
        case .cleared(let destination, let requestID):
            ("DELETE FROM outbox_topic WHERE destination = ? AND request_id = ?", [destination, requestID])
        case .listsRequests(let destination, let isListing):
            ("UPDATE outbox_destination SET lists_requests = ? WHERE number = ?", [isListing, destination])
        }
    }

    // MARK: - People's word

    /// Queues what was given up, or was queued when its destination was removed, again. Of destinations that are configured.
    ///
    /// - Parameter isSure: what may have arrived is sent all the same; else it is looked for once more.
    /// - Returns: how many.
    package static func retry(
        _ selection: OutboxSelection, isSure: Bool = false, in db: Database, nowMs: Int64
    ) throws -> Int {
        let condition = selection.condition
        try db.execute(
            sql: """
                UPDATE outbox SET state = 'queued', due_at = ?, queued_at = CASE state WHEN 'queued' THEN queued_at
                    ELSE max(queued_at, ?) END\(isSure ? ", unclear_since = NULL" : "") WHERE (\(condition.sql))
                AND destination IN (SELECT number FROM outbox_destination WHERE retired_at IS NULL)
                """, arguments: [nowMs, nowMs] + condition.arguments)
        return db.changesCount
    }

    /// Notes what a person has found out: the request of this row has that number there. The row itself is done if filing
    /// was all that it had to tell.
    ///
    /// - Returns: whether there is such a row.
    package static func settle(_ id: Int64, filedAs number: String, in db: Database, nowMs: Int64) throws -> Bool {
        guard let row = try Row.fetchOne(db, sql: "SELECT * FROM outbox WHERE id = ?", arguments: [id]) else {
            return false
        }
        let foreign = ForeignRequest(id: number, token: nil)
        try apply(
            .filed(destination: row["destination"], requestID: row["request_id"], as: foreign, atMs: nowMs), in: db)
        if row["number"] == 1 {
            try apply(.delivered(id: id, atMs: nowMs), in: db)
        } else {
            var selection = OutboxSelection()
            selection.ids = [id]
            _ = try retry(selection, isSure: true, in: db, nowMs: nowMs)
        }
        return true
    }

    /// Removes what need not be delivered any more.
    ///
    /// - Returns: how many.
    package static func discard(_ selection: OutboxSelection, in db: Database) throws -> Int {
        let condition = selection.condition
        try db.execute(sql: "DELETE FROM outbox WHERE \(condition.sql)", arguments: condition.arguments)
        return db.changesCount
    }

    /// Gives up what has waited since before `queuedBeforeMs`, and removes what was given up before `triedBeforeMs`.
    ///
    /// - Returns: how many of each.
    package static func sweep(
        queuedBeforeMs: Int64, deadBeforeMs: Int64, nowMs: Int64, in db: Database
    ) throws -> (givenUp: Int, removed: Int) {
        try db.execute(
            sql: """
                UPDATE outbox SET state = 'dead', tried_at = ?,
                    reason = 'not delivered in time' || coalesce('; last: ' || reason, '')
                WHERE state = 'queued' AND queued_at < ?
                """, arguments: [nowMs, queuedBeforeMs])
        let givenUp = db.changesCount
        try db.execute(
            sql: "DELETE FROM outbox WHERE state <> 'queued' AND coalesce(tried_at, queued_at) < ?",
            arguments: [deadBeforeMs])
        return (givenUp, db.changesCount)
    }

    private static func jsonList(_ items: [String]?) -> String? {
        items.map { list in
            "[" + list.map { "\"" + escaped($0) + "\"" }.joined(separator: ",") + "]"
        }
    }

    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case _ where scalar.value < 0x20:
                "\\u00" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }.joined()
    }
}
