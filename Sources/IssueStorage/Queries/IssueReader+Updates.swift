internal import GRDB
public import Open311

extension IssueReader {
    /// Updates of all requests that match, oldest first: by time, then by request and number.
    public func updates(_ search: UpdateSearch) async throws -> [RequestUpdate] {
        let (condition, arguments) = search.condition
        let sql = """
            SELECT * FROM request_update WHERE \(condition) ORDER BY at, request_id, number
            LIMIT \(max(0, search.pageSize)) OFFSET \(max(0, search.offset))
            """
        return try await read("updates") { db in
            try Row.fetchAll(db, sql: sql, arguments: arguments).map(UpdateRow.update)
        }
    }

    /// How many updates match on all pages.
    public func updateCount(_ search: UpdateSearch) async throws -> Int {
        let (condition, arguments) = search.condition
        return try await read("updates") { db in
            let sql = "SELECT count(*) FROM request_update WHERE \(condition)"
            return try Int.fetchOne(db, sql: sql, arguments: arguments) ?? 0
        }
    }
}

extension UpdateSearch {
    /// The SQL behind `WHERE`, with its arguments.
    fileprivate var condition: (sql: String, arguments: StatementArguments) {
        var clauses: [String] = []
        var arguments = StatementArguments()
        if let requestIDs {
            clauses.append("request_id IN (\(requestIDs.map { _ in "?" }.joined(separator: ", ")))")
            arguments += StatementArguments(requestIDs)
        }
        if let fromMs {
            clauses.append("at >= ?")
            arguments += [fromMs]
        }
        if let toMs {
            clauses.append("at <= ?")
            arguments += [toMs]
        }
        if !hiddenServices.isEmpty {
            let marks = hiddenServices.map { _ in "?" }.joined(separator: ", ")
            clauses.append(
                "NOT EXISTS (SELECT 1 FROM request WHERE id = request_id AND service IN (\(marks)))")
            arguments += StatementArguments(hiddenServices.map(\.rawValue))
        }
        return (clauses.isEmpty ? "TRUE" : clauses.joined(separator: " AND "), arguments)
    }
}
