internal import Detection
internal import GRDB
internal import Incidents
internal import Readings

/// Which readings belong to a request: whose, and from when to when.
struct EvidenceOutline {
    /// A sensor of the request.
    struct Member {
        var sensorID: String
        var address: String?
        var stream: StreamKey
        var rule: Rule
        /// Whether its incident is still firing.
        var isFiring: Bool
        /// Event times.
        var sinceMs: Int64
        var untilMs: Int64?
        var threshold: Double
    }

    /// The one that the request speaks of comes first; at most ``EvidenceKeeper/mostSensors``.
    var members: [Member]
    /// Event times. For an open request ``toMs`` lies ahead.
    var fromMs: Int64
    var toMs: Int64
    /// Event time of the first step.
    var openedMs: Int64
    var isClosed: Bool

    /// - Returns: nil for a request that no signal raised.
    init?(_ db: Database, requestID id: Int64) throws {
        let ends = try Row.fetchOne(
            db,
            sql: """
                SELECT min(window_from) AS start, min(observed_at) AS opened, count(*) AS number FROM evidence_mark
                WHERE request_id = ?
                """, arguments: [id])
        let request = try Row.fetchOne(
            db, sql: "SELECT status, last_seen, cleared_at FROM request WHERE id = ?", arguments: [id])
        guard let ends, let request, let start: Int64 = ends["start"], let opened: Int64 = ends["opened"] else {
            return nil
        }
        let status: String = request["status"]
        let cleared: Int64? = request["cleared_at"]
        let lastSeen: Int64 = request["last_seen"]
        isClosed = status == "closed"
        (fromMs, openedMs) = (start, opened)
        let lead = max(0, opened - start)
        // What follows shows whether it was really over: a sixth of what goes before, an hour to a day.
        let tail = min(max(lead / 6, 3_600_000), 86_400_000)
        toMs = isClosed ? (cleared ?? lastSeen) + tail : lastSeen + 366 * 86_400_000
        members = try Self.members(db, id)
    }

    private static func members(_ db: Database, _ id: Int64) throws -> [Member] {
        // The request's words are about the worst that was seen: that of the step with the request's own figures. Where it
        // grew worse between steps, the latest step that is neither a closing nor another sensor's agreement.
        let first = try Int64.fetchOne(
            db,
            sql: """
                SELECT sensor FROM evidence_mark AS mark JOIN request ON request.id = mark.request_id
                WHERE request_id = ? AND event <> 5
                ORDER BY mark.score IS request.score AND mark.observed IS request.observed DESC, event = 3,
                mark.number DESC LIMIT 1
                """, arguments: [id])
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT incident.sensor, sensor.id, sensor.address, rule, state, peak_quantity, peak_threshold,
                pending_since, firing_since, resolved_at FROM incident JOIN sensor ON sensor.number = incident.sensor
                WHERE request_id = ? ORDER BY sensor IS NOT ?, firing_since, incident.sensor, incident.key
                LIMIT 64
                """, arguments: [id, first])
        var members: [Member] = []
        for row in rows {
            let (ruleName, quantity, state): (String, UInt8, String) = (row["rule"], row["peak_quantity"], row["state"])
            guard let rule = Rule(name: ruleName), let quantity = Quantity(rawValue: quantity) else { continue }
            let sensor = SensorIndex(rawValue: row["sensor"])
            guard let stream = try stream(db, sensor, quantity, rule) else { continue }
            let since: Int64 = row["firing_since"] ?? row["pending_since"]
            let (until, isFiring): (Int64?, Bool) = (row["resolved_at"], state == "firing")
            // The same sensor's earlier incidents of this request, and its other rules, stand on one line.
            if let known = members.firstIndex(where: { $0.stream == stream }) {
                members[known].sinceMs = min(members[known].sinceMs, since)
                members[known].isFiring = members[known].isFiring || isFiring
                members[known].untilMs = members[known].isFiring ? nil : max(members[known].untilMs ?? 0, until ?? 0)
                continue
            }
            guard members.count < EvidenceKeeper.mostSensors else { break }
            members.append(
                Member(
                    sensorID: row["id"], address: row["address"], stream: stream, rule: rule, isFiring: isFiring,
                    sinceMs: since, untilMs: isFiring ? nil : until, threshold: statistic(row["peak_threshold"])))
        }
        return members
    }

    /// The series that the rule judged. Of a sensor that is silent, the first that it ever sent.
    private static func stream(
        _ db: Database, _ sensor: SensorIndex, _ quantity: Quantity, _ rule: Rule
    ) throws -> StreamKey? {
        guard rule == .silence || rule == .gatewaySilence || rule == .clock else {
            return StreamKey(sensor: sensor, quantity: quantity)
        }
        let first = Int64(sensor.rawValue) << 8
        return try RawHistory(db).stream(from: first).flatMap { $0 < first + 256 ? StreamKey(rawValue: $0) : nil }
    }
}
