internal import GRDB

extension IssueReader {
    /// The measures of requests that were raised within a time frame.
    ///
    /// Whole weeks are read as the sums that are kept of them, the days at both ends as facts: so it costs what there are
    /// of weeks, services and wards, and never reads the requests.
    public func measures(_ query: MeasureQuery) async throws -> MeasureReport {
        try await read("measures") { db in
            var gatherer = MeasureGatherer(query)
            let first = ISOWeek(containing: query.fromMs &- 1).number + 1
            let end = ISOWeek(containing: query.toMs).number
            if first < end {
                try Self.addWeeks(first..<end, db, &gatherer)
                try Self.addFacts(query.fromMs..<ISOWeek(number: first).startMs, db, &gatherer)
                try Self.addFacts(ISOWeek(number: end).startMs..<query.toMs, db, &gatherer)
            } else if query.fromMs < query.toMs {
                try Self.addFacts(query.fromMs..<query.toMs, db, &gatherer)
            }
            try Self.addOpen(query, db, &gatherer)
            try Self.addFindings(query, db, &gatherer)
            var report = gatherer.report(pending: try Int.fetchOne(db, sql: "SELECT count(*) FROM measure_due") ?? 0)
            if query.grouping == .week {
                report.listeningSinceMs = try Coverage.sinceMs(db, wards: query.wards)
                report.firstRequestMs = try Self.firstRequests(db)
            }
            return report
        }
    }

    /// By service. Leaps from one service to the next on their index, and does not walk over a million requests.
    private static func firstRequests(_ db: Database) throws -> [String: Int64] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                WITH RECURSIVE named (service) AS (
                    SELECT min(service) FROM request UNION ALL
                    SELECT (SELECT min(service) FROM request WHERE service > named.service) FROM named
                    WHERE named.service IS NOT NULL)
                SELECT service, (SELECT min(requested_at) FROM request WHERE request.service = named.service) AS first
                FROM named WHERE service IS NOT NULL
                """)
        return Dictionary(uniqueKeysWithValues: rows.map { ($0["service"], $0["first"]) })
    }

    private static func addWeeks(_ weeks: Range<Int>, _ db: Database, _ gatherer: inout MeasureGatherer) throws {
        let rows = try RawStatement(
            db, "SELECT \(MeasureWeek.scanColumns) FROM measure_week WHERE week >= ? AND week < ? ORDER BY week")
        rows.bind(Int64(weeks.lowerBound), at: 1)
        rows.bind(Int64(weeks.upperBound), at: 2)
        while try rows.step() {
            let (service, ward) = (rows.text(1), rows.text(2))
            guard gatherer.wants(service: service, ward: ward) else { continue }
            try gatherer.add(service: service, ward: ward, week: ISOWeek(number: Int(rows.integer(0)))) { sums in
                try MeasureWeek.add(rows, to: &sums)
            }
        }
    }

    private static func addFacts(_ times: Range<Int64>, _ db: Database, _ gatherer: inout MeasureGatherer) throws {
        guard !times.isEmpty else { return }
        let rows = try Row.fetchCursor(
            db, sql: "SELECT \(MeasureFact.columns) FROM measure_fact WHERE raised_at >= ? AND raised_at < ?",
            arguments: [times.lowerBound, times.upperBound])
        while let row = try rows.next() {
            let fact = MeasureFact(stored: row)
            guard gatherer.wants(service: fact.service, ward: fact.ward) else { continue }
            gatherer.add(service: fact.service, ward: fact.ward, week: ISOWeek(containing: fact.raisedAtMs)) {
                $0.add(fact)
            }
        }
    }

    /// What staff has looked at, counted on the index of just that, in the index's own order: half a million verdicts in 30 ms.
    /// Grouped by ward as well they would be sorted first, which takes ten times as long.
    private static func addFindings(_ query: MeasureQuery, _ db: Database, _ gatherer: inout MeasureGatherer) throws {
        var condition = SQLCondition()
        condition.add(DetectorFindings.condition, [])
        condition.add("requested_at >= ? AND requested_at < ?", [query.fromMs, query.toMs])
        condition.oneOf("ifnull(ward, '')", query.wards)
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT service, detector, verdict, count(*) AS number FROM request INDEXED BY request_by_verdict
                WHERE \(condition.sql) GROUP BY service, detector, verdict ORDER BY service, detector, verdict
                """, arguments: condition.arguments)
        while let row = try rows.next() {
            let service: String = row["service"]
            guard gatherer.wants(service: service) else { continue }
            gatherer.add(service: service, detector: row["detector"], verdict: row["verdict"], count: row["number"])
        }
    }

    /// What only the moment of asking says of open requests: which are late, and how long each has been open. They are few,
    /// whatever the store holds; index and facts say it all, so that no request is read.
    private static func addOpen(_ query: MeasureQuery, _ db: Database, _ gatherer: inout MeasureGatherer) throws {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT request.service AS service, ifnull(request.ward, '') AS ward, requested_at,
                    ifnull(expected_at < ?, FALSE) AS is_late, acknowledge_s IS NULL AS is_untaken,
                    ifnull(flags & \(MeasureFact.Flags.isOpen.rawValue), 0) <> 0 AS is_counted
                FROM request INDEXED BY request_open_by_promise LEFT JOIN measure_fact ON request_id = request.id
                WHERE status = 'open' AND requested_at >= ? AND requested_at < ? AND \(MeasureFact.isNoDuplicate)
                """, arguments: [query.nowMs, query.fromMs, query.toMs])
        while let row = try rows.next() {
            let (service, ward, raisedAtMs): (String, String, Int64) = (
                row["service"], row["ward"], row["requested_at"]
            )
            guard gatherer.wants(service: service, ward: ward) else { continue }
            let isLate: Bool = row["is_late"]
            let isCounted: Bool = row["is_counted"]
            let isUntaken: Bool = row["is_untaken"]
            guard isLate || isCounted else { continue }
            let seconds = max(0, query.nowMs - raisedAtMs) / 1000
            gatherer.add(service: service, ward: ward, week: ISOWeek(containing: raisedAtMs)) { sums in
                if isLate { sums.overdue += 1 }
                guard isCounted else { return }
                sums.stillOpen.add(seconds: seconds)
                if isUntaken { sums.untaken.add(seconds: seconds) }
            }
        }
    }
}
