internal import GRDB

extension RequestQuery {
    /// Up to so many rows are sorted rather than looked for along the time in which they were raised.
    private static let fewRows = 20_000

    /// What to find rows by, so that the newest are found soon.
    ///
    /// Usually rows are met from the newest on, until there are enough. Two sorts of questions are answered sooner in another
    /// way, as long as what is found so is little enough to be sorted:
    /// - A client that mirrors requests asks for what was updated within the last hour or two, of any age: by update.
    /// - What ever happened around a place: by place.
    ///
    /// - Returns: nil for the usual way; and how many match, if looking has told.
    func way(_ db: Database) throws -> (way: Way?, count: Int?) {
        guard ids == nil else { return (nil, nil) }
        if updatedFromMs != nil || updatedToMs != nil {
            var updated = SQLCondition()
            updated.add("updated_at BETWEEN ? AND ?", [updatedFromMs ?? .min, updatedToMs ?? .max])
            let table = Self.table(.update)
            let sql = """
                SELECT count(*) FROM (SELECT 1 FROM \(table) WHERE \(updated.sql) LIMIT \(Self.fewRows + 1))
                """
            let found = try Int.fetchOne(db, sql: sql, arguments: updated.arguments) ?? 0
            if found <= Self.fewRows { return (.update, nil) }
        }
        guard asksForAPlaceOfAllTimes else { return (nil, nil) }
        var place = SQLCondition()
        if let box { place.inside(box, byPlace: true) }
        if let circle { place.near(circle, byPlace: true) }
        return try countOfFew(at: place, db).map { (.place, $0) } ?? (nil, nil)
    }

    /// What to count them by, where ``way(_:)`` found too many to be sorted.
    var wayToCountMany: Way? { ids == nil && asksForAPlaceOfAllTimes ? .place : nil }

    private var asksForAPlaceOfAllTimes: Bool {
        (box != nil || circle != nil) && requestedFromMs == nil && requestedToMs == nil
    }

    /// What stands behind FROM to find rows in this way.
    static func table(_ way: Way?) -> String {
        switch way {
        case .update: "request INDEXED BY request_by_update"
        case .place: "request INDEXED BY request_by_place"
        case nil: "request"
        }
    }

    /// How many match of what is at a place; nil where that is more than few, whatever matches.
    private func countOfFew(at place: SQLCondition, _ db: Database) throws -> Int? {
        let condition = condition(by: .place)
        let sql = """
            SELECT count(*) AS found, ifnull(sum(matches), 0) AS matching FROM (
                SELECT \(condition.sql) AS matches FROM \(Self.table(.place)) WHERE \(place.sql) LIMIT \(Self.fewRows + 1))
            """
        let row = try Row.fetchOne(db, sql: sql, arguments: condition.arguments + place.arguments)
        guard let row, (row["found"] as Int) <= Self.fewRows else { return nil }
        return row["matching"]
    }
}
