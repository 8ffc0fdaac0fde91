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
        try await read("requests") { db in try Self.requests(db, query, by: query.way(db).way) }
    }

    /// The same, and how many match whatever the query's limit, of one snapshot.
    ///
    /// - Parameter most: counting ends there, so that the cost is bounded whatever the store holds; nil counts them all.
    /// - Returns: as `total` nil if there are more than `most`.
    public func page(
        _ query: RequestQuery, countingUpTo most: Int? = nil
    ) async throws -> (requests: [ServiceRequest], total: Int?) {
        try await read("requests") { db in
            let (way, known) = try query.way(db)
            let count = try known ?? Self.count(db, query, by: way ?? query.wayToCountMany, upTo: most)
            return (try Self.requests(db, query, by: way), count > most ?? .max ? nil : count)
        }
    }

    /// How many requests match, whatever the query's limit.
    public func requestCount(_ query: RequestQuery) async throws -> Int {
        try await read("requests") { db in
            let (way, known) = try query.way(db)
            return try known ?? Self.count(db, query, by: way ?? query.wayToCountMany, upTo: nil)
        }
    }

    private static func requests(
        _ db: Database, _ query: RequestQuery, by way: RequestQuery.Way?
    ) throws -> [ServiceRequest] {
        let condition = query.condition(by: way)
        let sql = """
            SELECT \(RequestRow.columns) FROM \(RequestQuery.table(way)) WHERE \(condition.sql)
            ORDER BY requested_at DESC, id DESC LIMIT \(max(0, query.limit)) OFFSET \(max(0, query.offset))
            """
        return try Array(Row.fetchCursor(db, sql: sql, arguments: condition.arguments).map(RequestRow.request))
    }

    /// - Returns: one more than `most` if there are more.
    private static func count(
        _ db: Database, _ query: RequestQuery, by way: RequestQuery.Way?, upTo most: Int?
    ) throws -> Int {
        let condition = query.condition(by: way)
        let limit = most.map { " LIMIT \(max(0, $0) + 1)" } ?? ""
        let sql = "SELECT count(*) FROM (SELECT 1 FROM \(RequestQuery.table(way)) WHERE \(condition.sql)\(limit))"
        return try Int.fetchOne(db, sql: sql, arguments: condition.arguments) ?? 0
    }

    /// How many there are of each service, whatever the query's limit; services without any are absent.
    public func requestCounts(_ query: RequestQuery) async throws -> [ServiceCode: Int] {
        try await read("counts of requests") { db in
            let way = try query.way(db).way ?? query.wayToCountMany
            let condition = query.condition(by: way)
            let table = RequestQuery.table(way)
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
