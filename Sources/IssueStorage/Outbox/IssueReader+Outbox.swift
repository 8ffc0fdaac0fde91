internal import GRDB
public import Open311

extension IssueReader {
    /// This store's name among all others: 16 hexadecimal digits, made with the database.
    public func outboxIdentity() async throws -> String {
        try await read("the outbox") { db in
            try known(String.fetchOne(db, sql: "SELECT id FROM outbox_identity"), "outbox_identity", "id", "nothing")
        }
    }

    /// How the destinations stand, in the order in which they were first configured.
    public func outboxStandings() async throws -> [OutboxStanding] {
        try await read("the outbox") { db in
            let sql = """
                SELECT d.*, (SELECT count(*) FROM outbox WHERE destination = d.number AND state = 'queued') AS queued,
                    (SELECT count(*) FROM outbox WHERE destination = d.number AND state = 'dead') AS dead,
                    (SELECT count(*) FROM outbox WHERE destination = d.number AND state = 'retired') AS retired,
                    (SELECT min(queued_at) FROM outbox WHERE destination = d.number AND state = 'queued') AS oldest
                FROM outbox_destination AS d ORDER BY d.number
                """
            return try Row.fetchAll(db, sql: sql).map { row in
                OutboxStanding(
                    number: row["number"], name: row["name"], kind: row["kind"], isRetired: row["retired_at"] != nil,
                    queued: row["queued"], dead: row["dead"], retired: row["retired"], oldestQueuedAtMs: row["oldest"],
                    delivered: row["delivered"], deliveredAtMs: row["delivered_at"],
                    listsRequests: row["lists_requests"])
            }
        }
    }

    /// What is due at a destination: of each request the oldest change alone, so that none overtakes another. Nothing of a
    /// request overtakes a change either that was given up and may have arrived.
    ///
    /// - Parameter laterThanMs: what is due after this was postponed by a clock that was set back since, and is due too.
    public func outboxDue(
        _ destination: Int64, nowMs: Int64, laterThanMs: Int64, limit: Int
    ) async throws -> [OutboxItem] {
        let condition = """
            outbox.destination = ? AND outbox.state = 'queued' AND (outbox.due_at <= ? OR outbox.due_at > ?)
            AND NOT EXISTS (SELECT 1 FROM outbox AS e WHERE e.destination = outbox.destination
                AND e.request_id = outbox.request_id AND e.number < outbox.number
                AND (e.state = 'queued' OR e.state = 'dead' AND e.unclear_since IS NOT NULL))
            """
        return try await outboxItems(
            where: condition, [destination, nowMs, laterThanMs], order: "outbox.due_at, outbox.id", limit: limit)
    }

    /// When something at a destination is due next that was not due at `ms`; nil when there is no such thing.
    public func outboxNextDueMs(_ destination: Int64, after ms: Int64) async throws -> Int64? {
        try await read("the outbox") { db in
            let sql = "SELECT min(due_at) FROM outbox WHERE destination = ? AND state = 'queued' AND due_at > ?"
            return try Int64.fetchOne(db, sql: sql, arguments: [destination, ms])
        }
    }

    /// Who looks after the asset or sensor that a request is about, or nil.
    public func steward(of request: ServiceRequest) async throws -> Steward? {
        try await read("a steward") { db in
            let sql = "SELECT * FROM steward WHERE asset_id IN (?, ?) ORDER BY asset_id = ? DESC LIMIT 1"
            let row = try Row.fetchOne(
                db, sql: sql, arguments: [request.assetID, request.sensorID, request.assetID])
            return try row.map(StewardTable.steward)
        }
    }

    /// Rows of the outbox, oldest first.
    public func outbox(_ selection: OutboxSelection, limit: Int) async throws -> [OutboxItem] {
        let condition = selection.condition
        return try await outboxItems(where: condition.sql, condition.arguments, order: "outbox.id", limit: limit)
    }

    /// How many rows match.
    public func outboxCount(_ selection: OutboxSelection) async throws -> Int {
        let condition = selection.condition
        return try await read("the outbox") { db in
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM outbox WHERE \(condition.sql)", arguments: condition.arguments) ?? 0
        }
    }

    /// States that a broker retains and that are to be cleared by now.
    public func outboxStaleTopics(_ destination: Int64, nowMs: Int64, limit: Int) async throws -> [RetainedTopic] {
        try await read("the outbox") { db in
            let sql = "SELECT request_id, topic FROM outbox_topic WHERE destination = ? AND clear_at <= ? LIMIT ?"
            return try Row.fetchAll(db, sql: sql, arguments: [destination, nowMs, limit]).map {
                RetainedTopic(requestID: $0["request_id"], topic: $0["topic"])
            }
        }
    }

    /// The topic that a broker retains a request's state under.
    public func outboxTopic(_ destination: Int64, requestID: Int64) async throws -> String? {
        try await read("the outbox") { db in
            let sql = "SELECT topic FROM outbox_topic WHERE destination = ? AND request_id = ?"
            return try String.fetchOne(db, sql: sql, arguments: [destination, requestID])
        }
    }

    private func outboxItems(
        where condition: String, _ arguments: StatementArguments, order: String, limit: Int
    ) async throws -> [OutboxItem] {
        try await read("the outbox") { db in
            let sql = """
                SELECT outbox.*, d.name AS destination_name, f.foreign_id, f.token AS foreign_token,
                    f.request_id IS NOT NULL AS is_filed,
                    u.status IS NOT (SELECT p.status FROM request_update AS p
                        WHERE p.request_id = u.request_id AND p.number < u.number ORDER BY p.number DESC LIMIT 1)
                    AS changes_status
                FROM outbox
                JOIN outbox_destination AS d ON d.number = outbox.destination
                JOIN request_update AS u ON u.request_id = outbox.request_id AND u.number = outbox.number
                LEFT JOIN outbox_foreign AS f ON f.destination = outbox.destination AND f.request_id = outbox.request_id
                WHERE \(condition) ORDER BY \(order) LIMIT \(max(0, limit))
                """
            return try Row.fetchAll(db, sql: sql, arguments: arguments).map { row in
                let key: StatementArguments = [row["request_id"] as Int64, row["number"] as Int]
                let request = try known(
                    Row.fetchOne(
                        db, sql: "SELECT \(RequestRow.columns) FROM request WHERE id = ?",
                        arguments: [row["request_id"]]),
                    "outbox", "request_id", "a request that is not there")
                let update = try known(
                    Row.fetchOne(
                        db, sql: "SELECT \(UpdateRow.columns) FROM request_update WHERE request_id = ? AND number = ?",
                        arguments: key),
                    "outbox", "number", "an update that is not there")
                return try OutboxItem(row, request: RequestRow.request(request), update: UpdateRow.update(update))
            }
        }
    }
}

extension OutboxItem {
    fileprivate init(_ row: Row, request: ServiceRequest, update: RequestUpdate) throws {
        let state: String = row["state"]
        id = row["id"]
        destination = row["destination"]
        destinationName = row["destination_name"]
        requestID = row["request_id"]
        number = row["number"]
        self.state = try known(State(rawValue: state), "outbox", "state", state)
        queuedAtMs = row["queued_at"]
        dueAtMs = row["due_at"]
        attempts = row["attempts"]
        triedAtMs = row["tried_at"]
        unclearSinceMs = row["unclear_since"]
        reason = row["reason"]
        self.request = request
        self.update = update
        changesStatus = row["changes_status"]
        foreign = row["is_filed"] ? ForeignRequest(id: row["foreign_id"], token: row["foreign_token"]) : nil
    }
}
