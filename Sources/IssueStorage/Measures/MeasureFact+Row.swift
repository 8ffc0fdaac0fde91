internal import GRDB

extension MeasureFact {
    static let columns = """
        raised_at, service, ward, cell, flags, lead_s, acknowledge_s, close_s, saved_unit, saved, saved_low, saved_high
        """

    static let upsertSQL = upsert(
        into: "measure_fact",
        columns: [
            "request_id", "raised_at", "service", "ward", "cell", "flags", "lead_s", "acknowledge_s", "close_s",
            "saved_unit", "saved", "saved_low", "saved_high",
        ],
        key: "request_id", keeping: ["request_id"])

    func arguments(id: Int64) -> StatementArguments {
        [
            id, raisedAtMs, service, ward, cell?.description, flags.rawValue, leadS, acknowledgeS, closeS,
            savedUnit?.rawValue ?? 0, saved, savedLow, savedHigh,
        ]
    }

    init(stored row: Row) {
        raisedAtMs = row["raised_at"]
        service = row["service"]
        ward = row["ward"]
        cell = (row["cell"] as String?).flatMap(GridCell.init)
        flags = Flags(rawValue: row["flags"])
        leadS = row["lead_s"]
        acknowledgeS = row["acknowledge_s"]
        closeS = row["close_s"]
        savedUnit = SavedUnit(rawValue: row["saved_unit"])
        saved = row["saved"]
        savedLow = row["saved_low"]
        savedHigh = row["saved_high"]
    }
}
