internal import GRDB
public import Open311

/// Where an export goes on: behind this request.
public struct ExportPosition: Sendable, Equatable {
    var requestedAtMs: Int64
    var id: Int64

    public init(behind request: ServiceRequest) { (requestedAtMs, id) = (request.requestedAtMs, request.id) }
}

extension IssueReader {
    /// The next requests of an export, oldest first, in a snapshot of their own: none is held while a client reads what it
    /// was sent, so a slow one keeps nothing from being cleaned up. A request that changes meanwhile is there once, as it
    /// is when its turn comes; with `asOfMs` all are as they were at that moment.
    ///
    /// - Parameters:
    ///   - query: its limit and offset mean nothing here.
    ///   - asOfMs: what was known then: each request as its last public change up to that moment left it.
    ///   - position: nil begins.
    ///   - count: how many.
    public func export(
        _ query: RequestQuery, asOfMs: Int64?, behind position: ExportPosition?, count: Int
    ) async throws -> [ExportedRequest] {
        let condition = query.condition()
        let behind: StatementArguments = [position?.requestedAtMs ?? .min, position?.id ?? .min]
        let (sql, arguments): (String, StatementArguments) =
            if let asOfMs {
                (Self.pastSQL(condition.sql), [asOfMs] + behind + [asOfMs] + condition.arguments)
            } else {
                (Self.presentSQL(condition.sql), behind + condition.arguments)
            }
        return try await read("requests to export") { db in
            let closed = try db.cachedStatement(sql: Self.closedSQL)
            let rows = try Row.fetchCursor(db, sql: sql, arguments: arguments + [count]).map { row in
                let request = try RequestRow.request(row)
                guard request.status == .closed else { return ExportedRequest(request: request, closedAtMs: nil) }
                let closedAtMs = try Int64.fetchOne(closed, arguments: [request.id, asOfMs ?? .max])
                return ExportedRequest(request: request, closedAtMs: closedAtMs ?? request.updatedAtMs)
            }
            return try Array(rows)
        }
    }

    private static func presentSQL(_ condition: String) -> String {
        """
        SELECT \(RequestRow.columns) FROM request WHERE (requested_at, id) > (?, ?) AND \(condition)
        ORDER BY requested_at, id LIMIT ?
        """
    }

    /// The order is that of the requests as they are, which never changes; all else is of the version. The plus takes the
    /// type from the id: the columns of versions have none, and between two types their index would not serve.
    private static func pastSQL(_ condition: String) -> String {
        """
        SELECT \(RequestRow.columns) FROM (
            SELECT requested_at AS raised_at, id AS request_id FROM request
            WHERE requested_at <= ? AND (requested_at, id) > (?, ?) ORDER BY requested_at, id
        ) JOIN request_version AS version ON version.version = (
            SELECT version FROM request_version WHERE id = +request_id AND updated_at <= ?
            ORDER BY updated_at DESC LIMIT 1
        ) WHERE \(condition) ORDER BY raised_at, request_id LIMIT ?
        """
    }

    /// The first line that says closed and was not taken back by a later one, as far as was known.
    private static let closedSQL = """
        SELECT min(at) FROM request_update WHERE request_id = ?1 AND status = 'closed' AND at <= ?2 AND number > (
            SELECT ifnull(max(number), 0) FROM request_update WHERE request_id = ?1 AND status = 'open' AND at <= ?2)
        """
}
