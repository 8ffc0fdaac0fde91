internal import Detection
internal import GRDB
internal import Incidents
public import Readings

extension IssueReader {
    /// Why request `id` exists; nil if there is no such request, or none of its steps was decided by a sensor's signal.
    ///
    /// Costs the readings of its sensors over its stretch: some ms.
    public func evidence(ofRequest id: Int64) async throws -> RequestEvidence? {
        try await read("evidence") { db in try RequestEvidence(db, requestID: id) }
    }

    /// These sensors, and those of the same kind that share a zone with one of them, in the order in which they were met:
    /// who must be listened to again when what they decided is to be decided anew.
    public func neighbours(ofSensors ids: [String], limit: Int) async throws -> [Sensor] {
        try await read("sensors") { db in
            let named = SQLCondition.marks(ids.count)
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM sensor WHERE number IN (
                        SELECT number FROM sensor WHERE id IN (\(named)) UNION
                        SELECT other.number FROM sensor JOIN sensor AS other ON other.zone = sensor.zone
                        AND other.kind = sensor.kind WHERE sensor.id IN (\(named)))
                    ORDER BY id NOT IN (\(named)), number LIMIT ?
                    """, arguments: StatementArguments(ids + ids + ids) + [limit])
            return try rows.map(SensorRow.sensor)
        }
    }
}

extension RequestEvidence {
    init?(_ db: Database, requestID id: Int64) throws {
        let marks = try Row.fetchAll(db, sql: EvidenceRow.selectSQL, arguments: [id]).map(EvidenceRow.mark)
        guard !marks.isEmpty, let outline = try EvidenceOutline(db, requestID: id) else { return nil }
        let readings = EvidenceReadings(db)
        let sensors = try outline.members.map { member in
            let number = SensorIndex(rawValue: UInt32(truncatingIfNeeded: member.stream.rawValue >> 8))
            return SensorEvidence(
                sensorID: member.sensorID, address: member.address,
                quantity: Quantity(rawValue: UInt8(truncatingIfNeeded: member.stream.rawValue)) ?? .generic,
                rule: member.rule, isFiring: member.isFiring, sinceMs: member.sinceMs, untilMs: member.untilMs,
                threshold: member.threshold, readings: try readings.collect(member.stream, outline, requestID: id),
                usual: Self.usual(marks.filter { $0.sensor == number && $0.verdict.rule == member.rule }))
        }
        let seenMs = sensors.compactMap { $0.readings.last?.atMs }.max() ?? outline.openedMs
        self.init(
            requestID: id, marks: marks, sensors: sensors, fromMs: outline.fromMs,
            toMs: outline.isClosed ? outline.toMs : max(seenMs, outline.openedMs))
    }
}
