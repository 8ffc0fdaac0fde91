internal import Detection
internal import Readings

/// Incidents and preventive openings as lines of JSON, for the scorer and for other programs.
public enum IncidentLine {
    /// `{"sensor_id":…,"kind":…,"opened_at":…,"closed_at":…|null,"score":…,"class":"event"|"fault","type":…,"rule":…}`.
    public static func text(_ incident: DetectedIncident) -> String {
        let closed = incident.closedAtMs.map { "\"\(time($0))\"" } ?? "null"
        return "{\"sensor_id\":\(quoted(incident.sensorID)),\"kind\":\"\(incident.kind.name)\","
            + "\"opened_at\":\"\(time(incident.openedAtMs))\",\"closed_at\":\(closed),\"score\":\(number(incident.score)),"
            + "\"class\":\"\(incident.class.rawValue)\",\"type\":\"\(incident.type)\",\"rule\":\"\(incident.rule.name)\"}"
    }

    /// `{"sensor_id":…,"kind":"bin-fill","opened_at":…,"full_at":…,"ended_at":…|null,"ending":"overflow"|"prevented"|null}`.
    public static func text(_ opening: PreventiveOpening) -> String {
        let ended = opening.endedAtMs.map { "\"\(time($0))\"" } ?? "null"
        let ending = opening.ending.map { "\"\($0.rawValue)\"" } ?? "null"
        return "{\"sensor_id\":\(quoted(opening.sensorID)),\"kind\":\"bin-fill\","
            + "\"opened_at\":\"\(time(opening.openedAtMs))\",\"full_at\":\"\(time(opening.forecastMs))\","
            + "\"ended_at\":\(ended),\"ending\":\(ending)}"
    }

    /// To the millisecond where there are any: a rounded time would be another one.
    private static func time(_ ms: Int64) -> String { Timestamp.format(ms, milliseconds: ms % 1000 != 0) }

    /// JSON has no word for what is not finite.
    private static func number(_ value: Double) -> String { value.isFinite ? "\(value)" : "null" }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
