/// SQL made from one list of columns, so that names and arguments stand side by side in one place.
///
/// - Parameters:
///   - key: the columns whose conflict means "the same row, again".
///   - kept: columns that keep their first value then.
///   - returning: what to return of the row as it is afterwards.
func upsert(
    into table: String, columns: [String], key: String, keeping kept: Set<String>, where condition: String? = nil,
    returning: String? = nil
) -> String {
    let marks = SQLCondition.marks(columns.count)
    let changes = columns.filter { !kept.contains($0) }.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
    return "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(marks))"
        + " ON CONFLICT (\(key)) DO UPDATE SET \(changes)" + (condition.map { " WHERE \($0)" } ?? "")
        + (returning.map { " RETURNING \($0)" } ?? "")
}

/// A stored value that this version has no name for: the table, the column and what is there.
struct UnknownValue: Error, CustomStringConvertible {
    var description: String

    init(_ table: String, _ column: String, _ found: some CustomStringConvertible) {
        description = "\(table).\(column) holds \(found), which this version does not know"
    }
}

/// The value, or the complaint about what stands in its place.
func known<Value>(
    _ value: Value?, _ table: String, _ column: String, _ found: some CustomStringConvertible
) throws -> Value {
    guard let value else { throw UnknownValue(table, column, found) }
    return value
}
