internal import GRDB
internal import Incidents
internal import Readings

/// How a sensor that the registry described otherwise stands in table `sensor_past`: as it was, up to where.
///
/// ```
///   stream     ──────── 40 ──────── 90 ────────▶
///   sensor 7      A      │     B     │     C
///   sensor_past   A until 40, B until 90         sensor: C
/// ```
/// What held behind a place is the row with the lowest `until` above it; without one, what table `sensor` says.
enum PastSensorRow {
    /// A batch that is tried again writes the same once more.
    static let insertSQL = """
        INSERT OR REPLACE INTO sensor_past (number, until, \(SensorRow.described.joined(separator: ", ")))
        VALUES (\(Array(repeating: "?", count: 2 + SensorRow.described.count).joined(separator: ", ")))
        """

    static func arguments(
        _ index: SensorIndex, until sequence: Int64, _ sensor: Sensor
    ) -> StatementArguments {
        [Int64(index.rawValue), sequence] + SensorRow.arguments(sensor)
    }

    /// What is known of the sensor with a number behind a place of the stream, if that is not what table `sensor` says.
    /// Its arguments are the number and the place.
    static let behindSQL = """
        SELECT sensor.id, sensor_past.* FROM sensor_past JOIN sensor ON sensor.number = sensor_past.number
        WHERE sensor_past.number = ? AND until > ? ORDER BY until LIMIT 1
        """

    /// The sensors that are other ones from a place on, in the order of their numbers.
    static let changedSQL = "SELECT number FROM sensor_past WHERE until = ? ORDER BY number"

    /// Whether any sensor changed behind a place.
    static func hasAny(_ db: Database, behind sequence: Int64) throws -> Bool {
        try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM sensor_past WHERE until > ?)", arguments: [sequence]) ?? false
    }
}
