internal import GRDB

extension RequestQuery {
    /// Up to so many rows are sorted rather than looked for along the time in which they were raised.
    private static let fewUpdates = 20_000

    /// Where to look, and for what.
    ///
    /// A client that mirrors requests asks for what was updated within the last hour or two, of any age: those few are
    /// found by when they were updated. If there are many, the newest of them are soon met on the usual way.
    func source(_ db: Database) throws -> (table: String, condition: SQLCondition) {
        guard ids == nil, updatedFromMs != nil || updatedToMs != nil else { return ("request", condition()) }
        let few = try Int.fetchOne(
            db,
            sql: """
                SELECT count(*) <= \(Self.fewUpdates) FROM (
                    SELECT 1 FROM request INDEXED BY request_by_update WHERE updated_at BETWEEN ? AND ?
                    LIMIT \(Self.fewUpdates + 1))
                """, arguments: [updatedFromMs ?? .min, updatedToMs ?? .max])
        guard few == 1 else { return ("request", condition()) }
        return ("request INDEXED BY request_by_update", condition(byUpdate: true))
    }
}
