internal import GRDB
public import Open311

extension IssueReader {
    /// Updates of all requests that match, oldest first: by time, then by request and number.
    public func updates(_ search: UpdateSearch) async throws -> [RequestUpdate] {
        let condition = search.condition
        let sql = """
            SELECT \(UpdateRow.columns) FROM request_update WHERE \(condition.sql) ORDER BY at, request_id, number
            LIMIT \(max(0, search.pageSize)) OFFSET \(max(0, search.offset))
            """
        return try await read("updates") { db in
            try Array(Row.fetchCursor(db, sql: sql, arguments: condition.arguments).map(UpdateRow.update))
        }
    }

    /// How many updates match on all pages.
    public func updateCount(_ search: UpdateSearch) async throws -> Int {
        let condition = search.condition
        return try await read("updates") { db in
            let sql = "SELECT count(*) FROM request_update WHERE \(condition.sql)"
            return try Int.fetchOne(db, sql: sql, arguments: condition.arguments) ?? 0
        }
    }
}

extension UpdateSearch {
    fileprivate var condition: SQLCondition {
        var all = SQLCondition()
        all.isIn("request_id", requestIDs)
        all.add("at >= ?", ifAny: fromMs)
        all.add("at <= ?", ifAny: toMs)
        if !hiddenServices.isEmpty {
            let marks = SQLCondition.marks(hiddenServices.count)
            all.add(
                "NOT EXISTS (SELECT 1 FROM request WHERE id = request_id AND service IN (\(marks)))",
                StatementArguments(hiddenServices.map(\.rawValue)))
        }
        return all
    }
}
