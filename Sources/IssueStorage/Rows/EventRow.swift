internal import Incidents
internal import Readings

/// How a tick, a connection change or a sensor that was heard stands in table `stream_event`.
enum EventRow {
    static let insertSQL = "INSERT INTO stream_event VALUES (?, ?, ?, ?, ?)"
    static let columns = "sequence, kind, source, sensor, at"

    static func bind(_ event: StreamEvent, to statement: RawStatement) {
        statement.bind(event.sequence, at: 1)
        statement.bind(Int64(event.kind.rawValue), at: 2)
        statement.bind(Int64(event.source), at: 3)
        if let sensor = event.sensor {
            statement.bind(Int64(sensor.rawValue), at: 4)
        } else {
            statement.bindNull(at: 4)
        }
        statement.bind(event.atMs, at: 5)
    }

    /// The present row of a statement that selects ``columns``.
    static func event(_ statement: RawStatement) throws -> StreamEvent {
        let kind = UInt8(truncatingIfNeeded: statement.integer(1))
        let sensor: SensorIndex? =
            statement.isNull(3) ? nil : SensorIndex(rawValue: UInt32(truncatingIfNeeded: statement.integer(3)))
        return StreamEvent(
            sequence: statement.integer(0),
            kind: try known(StreamEvent.Kind(rawValue: kind), "stream_event", "kind", kind),
            source: Int(statement.integer(2)), sensor: sensor, atMs: statement.integer(4))
    }
}
