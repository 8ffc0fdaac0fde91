internal import GRDB
public import Incidents
public import Open311

extension IssueReader {
    /// The services that any request is of, also those that have left the catalogue since.
    public func serviceCodes() async throws -> [ServiceCode] {
        try await read("services") { db in
            try String.fetchAll(db, sql: "SELECT DISTINCT service FROM request ORDER BY service")
                .compactMap(ServiceCode.init(rawValue:))
        }
    }

    /// Requests that match, newest first: by the time they were raised, then by id.
    public func requests(_ query: RequestQuery) async throws -> [ServiceRequest] {
        try await read("requests") { db in
            let (table, condition) = try query.source(db, isCount: false)
            let sql = """
                SELECT \(RequestRow.columns) FROM \(table) WHERE \(condition.sql) ORDER BY requested_at DESC, id DESC
                LIMIT \(max(0, query.limit)) OFFSET \(max(0, query.offset))
                """
            return try Array(Row.fetchCursor(db, sql: sql, arguments: condition.arguments).map(RequestRow.request))
        }
    }

    /// How many requests match, whatever the query's limit.
    public func requestCount(_ query: RequestQuery) async throws -> Int {
        try await read("requests") { db in
            let (table, condition) = try query.source(db, isCount: true)
            let sql = "SELECT count(*) FROM \(table) WHERE \(condition.sql)"
            return try Int.fetchOne(db, sql: sql, arguments: condition.arguments) ?? 0
        }
    }

    /// The same, as far as it is soon told.
    ///
    /// - Parameter most: counting ends there, so that the cost is bounded whatever the store holds.
    /// - Returns: nil if there are more.
    public func requestCount(_ query: RequestQuery, upTo most: Int) async throws -> Int? {
        try await read("requests") { db in
            let (table, condition) = try query.source(db, isCount: true)
            let sql = "SELECT count(*) FROM (SELECT 1 FROM \(table) WHERE \(condition.sql) LIMIT \(max(0, most) + 1))"
            let count = try Int.fetchOne(db, sql: sql, arguments: condition.arguments) ?? 0
            return count > most ? nil : count
        }
    }

    /// How many there are of each service, whatever the query's limit; services without any are absent.
    public func requestCounts(_ query: RequestQuery) async throws -> [ServiceCode: Int] {
        try await read("counts of requests") { db in
            let (table, condition) = try query.source(db, isCount: true)
            let sql = "SELECT service, count(*) AS number FROM \(table) WHERE \(condition.sql) GROUP BY service"
            return try Self.counts(Row.fetchAll(db, sql: sql, arguments: condition.arguments))
        }
    }

    /// The request with this id, or nil.
    public func request(id: Int64) async throws -> ServiceRequest? {
        try await read("a request") { db in
            let sql = "SELECT \(RequestRow.columns) FROM request WHERE id = ?"
            return try Row.fetchOne(db, sql: sql, arguments: [id]).map(RequestRow.request)
        }
    }

    /// A request's history, oldest first.
    public func updates(ofRequest id: Int64) async throws -> [RequestUpdate] {
        try await read("a request's updates") { db in
            let sql = "SELECT \(UpdateRow.columns) FROM request_update WHERE request_id = ? ORDER BY number"
            return try Array(Row.fetchCursor(db, sql: sql, arguments: [id]).map(UpdateRow.update))
        }
    }

    /// The histories of several requests, each oldest first. Requests without one are absent.
    public func updates(ofRequests ids: [Int64]) async throws -> [Int64: [RequestUpdate]] {
        try await read("requests' updates") { db in
            let marks = SQLCondition.marks(ids.count)
            let sql = """
                SELECT \(UpdateRow.columns) FROM request_update WHERE request_id IN (\(marks)) ORDER BY request_id, number
                """
            let rows = try Row.fetchCursor(db, sql: sql, arguments: StatementArguments(ids))
            let updates = try Array(rows.map(UpdateRow.update))
            return Dictionary(grouping: updates, by: \.requestID)
        }
    }

    /// The incidents behind a request, by onset.
    public func incidents(ofRequest id: Int64) async throws -> [IncidentRecord] {
        try await read("a request's incidents") { db in
            let sql = "SELECT * FROM incident WHERE request_id = ? ORDER BY pending_since, key"
            return try Row.fetchAll(db, sql: sql, arguments: [id]).map(IncidentRow.incident)
        }
    }

    private static func counts(_ rows: [Row]) throws -> [ServiceCode: Int] {
        var counts: [ServiceCode: Int] = [:]
        for row in rows {
            let service: String = row["service"]
            counts[try known(ServiceCode(rawValue: service), "request", "service", service)] = row["number"]
        }
        return counts
    }
}
