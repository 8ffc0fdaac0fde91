internal import Detection
internal import GRDB
internal import Incidents
internal import Readings

/// How an incident stands in table `incident`.
enum IncidentRow {
    static let upsertSQL = upsert(
        into: "incident",
        columns: [
            "key", "sensor", "rule", "rule_version", "state", "pending_since", "firing_since", "resolved_at",
            "request_id", "peak_condition", "peak_quantity", "peak_observed_at", "peak_onset", "peak_score",
            "peak_observed", "peak_expected", "peak_threshold", "peak_forecast",
        ],
        key: "key", keeping: ["key"])

    static func arguments(_ incident: IncidentRecord) -> StatementArguments {
        let peak = incident.peak
        return [
            incident.key, Int64(incident.sensor.rawValue), incident.rule.name, incident.ruleVersion,
            incident.state.name, incident.pendingSinceMs, incident.firingSinceMs, incident.resolvedAtMs,
            incident.requestID, Int64(peak.condition.rawValue), Int64(peak.quantity.rawValue), peak.observedAtMs,
            peak.onsetMs, peak.score, peak.observed, peak.expected, peak.threshold, peak.forecastMs,
        ]
    }

    static func incident(_ row: Row) throws -> IncidentRecord {
        let (ruleName, stateName): (String, String) = (row["rule"], row["state"])
        let (condition, quantity): (UInt8, UInt8) = (row["peak_condition"], row["peak_quantity"])
        let rule = try known(Rule(name: ruleName), "incident", "rule", ruleName)
        let state = IncidentRecord.State.allCases.first { $0.name == stateName }
        let peak = Verdict(
            rule: rule,
            condition: try known(
                Verdict.Condition(rawValue: condition), "incident", "peak_condition", condition),
            quantity: try known(Quantity(rawValue: quantity), "incident", "peak_quantity", quantity),
            observedAtMs: row["peak_observed_at"], onsetMs: row["peak_onset"], score: statistic(row["peak_score"]),
            observed: statistic(row["peak_observed"]), expected: statistic(row["peak_expected"]),
            threshold: statistic(row["peak_threshold"]), forecastMs: row["peak_forecast"])
        var incident = IncidentRecord(
            key: row["key"], sensor: SensorIndex(rawValue: row["sensor"]), rule: rule,
            ruleVersion: row["rule_version"], state: try known(state, "incident", "state", stateName),
            pendingSinceMs: row["pending_since"], peak: peak)
        incident.firingSinceMs = row["firing_since"]
        incident.resolvedAtMs = row["resolved_at"]
        incident.requestID = row["request_id"]
        return incident
    }
}
