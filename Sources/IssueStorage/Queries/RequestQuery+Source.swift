internal import GRDB

extension RequestQuery {
    /// Up to so many rows are sorted rather than looked for along the time in which they were raised.
    private static let fewRows = 20_000

    /// Where to look, and for what.
    ///
    /// Usually rows are met from the newest on, until there are enough. Two sorts of questions are answered sooner in another
    /// way, as long as what is found so is little enough to be sorted:
    /// - A client that mirrors requests asks for what was updated within the last hour or two, of any age: by update.
    /// - What ever happened around a place: by place. That way all of them are counted, too.
    ///
    /// - Parameter isCount: whether only their number is wanted, for which nothing is sorted.
    func source(_ db: Database, isCount: Bool) throws -> (table: String, condition: SQLCondition) {
        guard ids == nil else { return ("request", condition()) }
        if updatedFromMs != nil || updatedToMs != nil {
            var updated = SQLCondition()
            updated.add("updated_at BETWEEN ? AND ?", [updatedFromMs ?? .min, updatedToMs ?? .max])
            if try Self.isFew(db, by: "request_by_update", updated) {
                return ("request INDEXED BY request_by_update", condition(by: .update))
            }
        }
        if box != nil || circle != nil, requestedFromMs == nil, requestedToMs == nil {
            var place = SQLCondition()
            if let box { place.inside(box, byPlace: true) }
            if let circle { place.near(circle, byPlace: true) }
            if try isCount || Self.isFew(db, by: "request_by_place", place) {
                return ("request INDEXED BY request_by_place", condition(by: .place))
            }
        }
        return ("request", condition())
    }

    private static func isFew(_ db: Database, by index: String, _ condition: SQLCondition) throws -> Bool {
        let sql = """
            SELECT count(*) <= \(fewRows) FROM (
                SELECT 1 FROM request INDEXED BY \(index) WHERE \(condition.sql) LIMIT \(fewRows + 1))
            """
        return try Int.fetchOne(db, sql: sql, arguments: condition.arguments) == 1
    }
}
