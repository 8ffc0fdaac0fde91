internal import GRDB
internal import Incidents
internal import Readings

/// How a reading stands in table `reading`, the hot path: through the C handle, a number a column.
///
/// Values come back to the bit: SQLite would turn -0.0 into 0.0, which ``Reading`` does before.
enum ReadingRow {
    /// Rows that one statement inserts. Measured 1.4 times as fast as a row a statement.
    static let rowsPerStatement = 16

    static func insertSQL(rows: Int) -> String {
        "INSERT INTO reading VALUES "
            + Array(repeating: "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", count: rows).joined(separator: ", ")
    }

    static let columns = "sequence, sensor, quantity, observed_at, arrived_at, value, counter, flags, source, claimed_s"

    /// - Parameter row: from 0, which of the statement's rows.
    @inline(__always)
    static func bind(_ logged: borrowing LoggedReading, to statement: borrowing RawStatement, row: Int32 = 0) {
        let first = row &* 10
        let reading = logged.reading
        statement.bind(logged.sequence, at: first &+ 1)
        statement.bind(Int64(reading.sensor.rawValue), at: first &+ 2)
        statement.bind(Int64(reading.quantity.rawValue), at: first &+ 3)
        statement.bind(reading.observedAtMs, at: first &+ 4)
        statement.bind(reading.arrivedAtMs, at: first &+ 5)
        statement.bind(reading.value, at: first &+ 6)
        if reading.counter == -1 {
            statement.bindNull(at: first &+ 7)
        } else {
            statement.bind(Int64(reading.counter), at: first &+ 7)
        }
        statement.bind(Int64(reading.flags.rawValue), at: first &+ 8)
        statement.bind(Int64(reading.source), at: first &+ 9)
        if reading.claimedS == 0 {
            statement.bindNull(at: first &+ 10)
        } else {
            statement.bind(Int64(reading.claimedS), at: first &+ 10)
        }
    }

    /// The present row of a statement that selects ``columns``.
    @inline(__always)
    static func logged(_ statement: borrowing RawStatement) throws -> LoggedReading {
        let quantity = UInt8(truncatingIfNeeded: statement.integer(2))
        var reading = Reading(
            sensor: SensorIndex(rawValue: UInt32(truncatingIfNeeded: statement.integer(1))),
            quantity: try known(Quantity(rawValue: quantity), "reading", "quantity", quantity),
            observedAtMs: statement.integer(3), arrivedAtMs: statement.integer(4), value: statement.double(5),
            counter: statement.isNull(6) ? -1 : Int32(truncatingIfNeeded: statement.integer(6)),
            flags: ReadingFlags(rawValue: UInt16(truncatingIfNeeded: statement.integer(7))),
            source: UInt8(truncatingIfNeeded: statement.integer(8)))
        // NULL reads as 0.
        reading.claimedS = UInt32(truncatingIfNeeded: statement.integer(9))
        return LoggedReading(sequence: statement.integer(0), reading: reading)
    }
}
