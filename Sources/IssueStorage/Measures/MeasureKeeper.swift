internal import FoundationEssentials
package import GRDB

/// Keeps the aggregates behind `/api/measures` and `/api/hotspots` true to the requests.
///
/// ```
///   request, request_update ──triggers──▶ measure_due ──settle──▶ measure_fact ──▶ measure_week, place_series
/// ```
/// A request whose row or history changed is due. Settling reads it, works out its ``MeasureFact``, takes away what it
/// added before, and adds what it adds now: so a verdict that comes weeks later changes the week in which the request was
/// raised, and a replay, which writes what is there already, changes nothing. The aggregates are the sums of the facts,
/// at any moment; they lag behind the requests by what is due.
///
/// It works in small steps between commits, so that no commit waits for it or fails of it; after a migration, when all
/// requests are due, for as long as it takes. It belongs to one connection and is used on that connection's thread.
package final class MeasureKeeper {
    /// So many take a few milliseconds.
    private static let requestsPerStep = 128

    private let due: Statement
    private let request: Statement
    private let closed: Statement
    private let fact: Statement
    private let setFact: Statement
    private let dropFact: Statement
    private let week: Statement
    private let setWeek: Statement
    private let dropWeek: Statement
    private let series: Statement
    private let setSeries: Statement
    private let dropSeries: Statement
    private let settled: Statement

    package init(_ db: Database) throws {
        due = try db.makeStatement(sql: "SELECT request_id FROM measure_due ORDER BY request_id LIMIT ?")
        request = try db.makeStatement(
            sql: """
                SELECT service, ward, status, word, origin, verdict, detector, requested_at, expected_at, acknowledged_at,
                    first_reported_at, forecast_at, updated_at, latitude, longitude, estimate, estimate_value, estimate_low,
                    estimate_high, parent_id, incident_key
                FROM request WHERE id = ?
                """)
        // The first line that says closed and was not taken back by a later one.
        closed = try db.makeStatement(
            sql: """
                SELECT min(at) FROM request_update WHERE request_id = ?1 AND status = 'closed' AND number > (
                    SELECT ifnull(max(number), 0) FROM request_update WHERE request_id = ?1 AND status = 'open')
                """)
        fact = try db.makeStatement(
            sql: "SELECT \(MeasureFact.columns) FROM measure_fact WHERE request_id = ?")
        setFact = try db.makeStatement(sql: MeasureFact.upsertSQL)
        dropFact = try db.makeStatement(sql: "DELETE FROM measure_fact WHERE request_id = ?")
        week = try db.makeStatement(sql: "SELECT * FROM measure_week WHERE week = ? AND service = ? AND ward = ?")
        setWeek = try db.makeStatement(sql: MeasureWeek.upsertSQL)
        dropWeek = try db.makeStatement(sql: "DELETE FROM measure_week WHERE week = ? AND service = ? AND ward = ?")
        series = try db.makeStatement(
            sql: "SELECT content FROM place_series WHERE kind = ? AND place = ? AND service = ?")
        setSeries = try db.makeStatement(
            sql: upsert(
                into: "place_series", columns: ["kind", "place", "service", "content"], key: "kind, place, service",
                keeping: ["kind", "place", "service"]))
        dropSeries = try db.makeStatement(
            sql: "DELETE FROM place_series WHERE kind = ? AND place = ? AND service = ?")
        settled = try db.makeStatement(sql: "DELETE FROM measure_due WHERE request_id = ?")
    }

    /// Does one small step, if there is something to do, in a transaction of its own.
    /// - Returns: whether there was.
    func step(_ db: Database) throws -> Bool {
        guard try Int64.fetchOne(due, arguments: [1]) != nil else { return false }
        try HistoryTransaction.run(db) { try settle(atMost: Self.requestsPerStep) }
        return true
    }

    /// Settles up to `limit` of the requests that are due, in the caller's transaction.
    /// - Returns: how many.
    @discardableResult
    package func settle(atMost limit: Int) throws -> Int {
        let ids = try Int64.fetchAll(due, arguments: [limit])
        guard !ids.isEmpty else { return 0 }
        var changes = MeasureChanges()
        for id in ids {
            try settle(id, &changes)
            try settled.execute(arguments: [id])
        }
        for change in changes.weeks { try apply(change) }
        for change in changes.series { try apply(change) }
        return ids.count
    }

    private func settle(_ id: Int64, _ changes: inout MeasureChanges) throws {
        let before = try Row.fetchOne(fact, arguments: [id]).map(MeasureFact.init(stored:))
        let now = try Row.fetchOne(request, arguments: [id]).flatMap { row in
            MeasureFact(row, closedAtMs: try closedAtMs(of: id, row))
        }
        guard before != now else { return }
        if let before { changes.add(before, times: -1) }
        if let now {
            changes.add(now, times: 1)
            try setFact.execute(arguments: now.arguments(id: id))
        } else {
            try dropFact.execute(arguments: [id])
        }
    }

    /// As its history says; where there is none, its last change.
    private func closedAtMs(of id: Int64, _ row: Row) throws -> Int64? {
        guard row["status"] as String == "closed" else { return nil }
        return try Int64.fetchOne(closed, arguments: [id]) ?? row["updated_at"]
    }

    private func apply(_ change: MeasureChanges.Week) throws {
        let key: StatementArguments = [change.key.week.number, change.key.service, change.key.ward]
        var sums = MeasureSums()
        if let row = try Row.fetchOne(week, arguments: key) { sums = try MeasureWeek.sums(row) }
        for (fact, times) in change.facts { sums.add(fact, times: times) }
        if sums[.requests] == 0 {
            try dropWeek.execute(arguments: key)
        } else {
            try setWeek.execute(arguments: MeasureWeek.arguments(change.key, sums))
        }
    }

    private func apply(_ change: MeasureChanges.Series) throws {
        let key: StatementArguments = [change.key.kind.rawValue, change.key.place, change.key.service]
        var series = DaySeries()
        if let row = try Row.fetchOne(self.series, arguments: key) {
            series = try known(DaySeries(Array(row["content"] as Data)), "place_series", "content", "something else")
        }
        for entry in change.days { series.add(entry.count, on: entry.day) }
        if series.entries.isEmpty {
            try dropSeries.execute(arguments: key)
        } else {
            try setSeries.execute(arguments: key + [Data(series.encoded())])
        }
    }
}
