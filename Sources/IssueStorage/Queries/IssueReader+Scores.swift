internal import Detection
internal import GRDB
public import Incidents
public import Open311

extension IssueReader {
    /// The first reading of a sensor that can raise a request of this service; nil while there is none.
    public func listensSinceMs(for service: ServiceCode) async throws -> Int64? {
        try await read("scores") { db in try Coverage.sinceMs(db, wards: nil)[service.rawValue] }
    }

    /// Requests that sensors raised in a span of the daemon's time, each with the highest score of the rule that opened it;
    /// oldest first.
    ///
    /// Costs a look at each of them.
    public func scores(
        of service: ServiceCode, fromMs: Int64, toMs: Int64
    ) async throws -> [(raisedAtMs: Int64, request: AlarmBudget.Scored)] {
        let rows = try await read("scores") { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT requested_at, detector, verdict, max(peak_score) AS score FROM request
                    JOIN incident ON incident.request_id = request.id AND incident.rule = request.detector
                    WHERE service = ? AND requested_at BETWEEN ? AND ?
                    GROUP BY request.id ORDER BY requested_at, request.id
                    """, arguments: [service.rawValue, fromMs, toMs]
            ).map { row in
                (
                    row["requested_at"] as Int64, row["detector"] as String, row["verdict"] as String,
                    row["score"] as Double?
                )
            }
        }
        return rows.compactMap { raisedAtMs, detector, verdict, score in
            guard let rule = Rule(name: detector), let score else { return nil }
            let found = StaffVerdict(rawValue: verdict) ?? .unreviewed
            return (raisedAtMs, AlarmBudget.Scored(rule: rule, score: score, verdict: found))
        }
    }
}
