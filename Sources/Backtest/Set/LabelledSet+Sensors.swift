internal import FoundationEssentials
internal import Readings

extension LabelledSet {
    /// The registry's own reader takes what the registry knows; the columns of the evaluation are read beside it.
    static func readSensors(_ csv: borrowing Span<UInt8>) throws(SetError) -> [LabelledSensor] {
        let table = SensorTable(csv: csv)
        var problems = table.problems.map(\.description)
        let records = CSVRecords(csv).records
        guard problems.isEmpty, let header = records.first, table.sensors.count == records.count - 1 else {
            throw SetError(file: "sensors.csv", problems: problems)
        }
        guard let group = header.fields.firstIndex(of: "group"),
            let from = header.fields.firstIndex(of: "eval_from"), let to = header.fields.firstIndex(of: "eval_to")
        else {
            let problem = "must have the columns group, eval_from and eval_to: it is no labelled set without them"
            throw SetError(file: "sensors.csv", problems: [problem])
        }
        let attributes = header.fields.firstIndex(of: "attrs")
        var sensors: [LabelledSensor] = []
        for (sensor, record) in zip(table.sensors, records.dropFirst()) {
            guard let fromMs = Timestamp.parse(record.fields[from]), let toMs = Timestamp.parse(record.fields[to])
            else {
                problems.append("line \(record.line): eval_from and eval_to must be RFC 3339 times")
                continue
            }
            sensors.append(
                LabelledSensor(
                    sensor: sensor, group: record.fields[group], evaluateFromMs: fromMs, evaluateToMs: toMs,
                    nabFile: attributes.flatMap { SensorAttributes(json: record.fields[$0])?.nab_file }))
        }
        guard problems.isEmpty else { throw SetError(file: "sensors.csv", problems: problems) }
        return sensors
    }
}

/// What a set says of a sensor beside the columns: `{"nab_file":"realTraffic/speed_6005.csv","real":true}`.
private struct SensorAttributes: Decodable {
    var nab_file: String?

    init?(json: String) {
        guard let read = try? JSONDecoder().decode(Self.self, from: Data(json.utf8)) else { return nil }
        self = read
    }
}
