internal import FoundationEssentials
internal import GRDB

/// How sums stand in table `measure_week`.
enum MeasureWeek {
    static let upsertSQL = upsert(
        into: "measure_week",
        columns: ["week", "service", "ward"] + MeasureSums.Count.allCases.map(\.column) + ["times"],
        key: "week, service, ward", keeping: ["week", "service", "ward"])

    static func arguments(_ key: MeasureChanges.WeekKey, _ sums: MeasureSums) -> StatementArguments {
        var arguments: StatementArguments = [key.week.number, key.service, key.ward]
        for count in MeasureSums.Count.allCases { arguments += [sums[count]] }
        arguments += [Data(sums.encodedTimes())]
        return arguments
    }

    static func sums(_ row: Row) throws -> MeasureSums {
        var sums = MeasureSums()
        for count in MeasureSums.Count.allCases { sums[count] = row[count.column] }
        try known(sums.addTimes(Array(row["times"] as Data)), "measure_week", "times", "something else")
        return sums
    }

    /// Made once: `allCases` is made each time that it is asked for.
    private static let counts = MeasureSums.Count.allCases

    /// For many rows: `week, service, ward`, the counts, `times`.
    static let scanColumns =
        (["week", "service", "ward"] + MeasureSums.Count.allCases.map(\.column) + ["times"]).joined(separator: ", ")

    /// Adds the row that stands at the cursor to `sums`. The columns are ``scanColumns``.
    static func add(_ row: borrowing RawStatement, to sums: inout MeasureSums) throws {
        for count in counts { sums[count] += row.integer(Int32(3 + count.rawValue)) }
        let times = row.blob(Int32(3 + counts.count))
        try known(sums.addTimes(times), "measure_week", "times", "something else")
    }
}
