internal import GRDB
internal import Incidents
internal import Readings

/// What was known of sensors at places of the log that is being read.
///
/// - Complexity: nothing a sensor where none has changed behind the place, else two descents of a tree.
struct PastSensors {
    private let after: Int64
    private let isEmpty: Bool
    private let behind: Statement
    private let changed: Statement
    private let present: Statement

    /// - Parameter sequence: where the reading of the log begins.
    init(_ db: Database, after sequence: Int64) throws {
        after = sequence
        isEmpty = try !PastSensorRow.hasAny(db, behind: sequence)
        behind = try db.makeStatement(sql: PastSensorRow.behindSQL)
        changed = try db.makeStatement(sql: PastSensorRow.changedSQL)
        present = try db.makeStatement(sql: "SELECT * FROM sensor WHERE number = ?")
    }

    /// The sensor as it is to be met: as it was when the log that is read begins, or when it was first met behind that.
    func beginning(of met: CommitBatch.NewSensor) throws -> CommitBatch.NewSensor {
        guard !isEmpty, let row = try row(of: Int64(met.index.rawValue), behind: after) else { return met }
        var met = met
        met.sensor = try SensorRow.sensor(row)
        return met
    }

    /// The sensors that are other ones from `sequence` on, as they are then, in the order of their numbers.
    func sensors(changedAt sequence: Int64) throws -> [Sensor] {
        guard !isEmpty else { return [] }
        return try Int64.fetchAll(changed, arguments: [sequence]).map { number in
            if let row = try row(of: number, behind: sequence) { return try SensorRow.sensor(row) }
            return try SensorRow.sensor(
                try known(try Row.fetchOne(present, arguments: [number]), "sensor", "number", number))
        }
    }

    private func row(of number: Int64, behind sequence: Int64) throws -> Row? {
        try Row.fetchOne(behind, arguments: [number, sequence])
    }
}
