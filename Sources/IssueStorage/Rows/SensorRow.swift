internal import GRDB
internal import Incidents
internal import Readings

/// How a sensor stands in table `sensor`.
enum SensorRow {
    /// A sensor keeps its number, its id and its place in the stream; what the registry says about it may change.
    /// No row is returned when the number is taken by another id.
    static let upsertSQL = upsert(
        into: "sensor", columns: ["number", "id", "sequence"] + described, key: "number",
        keeping: ["number", "id", "sequence"], where: "id = excluded.id", returning: "number")

    static func arguments(_ met: CommitBatch.NewSensor) -> StatementArguments {
        [Int64(met.index.rawValue), met.sensor.id, met.sequence] + arguments(met.sensor)
    }

    /// What may change, in `sensor` and in `sensor_past`.
    static let described = [
        "kind", "latitude", "longitude", "ward", "zone", "gateway", "address", "asset", "expected_interval_s",
        "time_zone", "site", "owner", "neighbours", "sensitivity", "depth_mm", "full_mm", "adopted_by",
    ]

    /// In the order of ``described``.
    static func arguments(_ sensor: Sensor) -> StatementArguments {
        [
            Int64(sensor.kind.rawValue), sensor.position?.latitude, sensor.position?.longitude, sensor.ward,
            sensor.zone,
            sensor.gateway, sensor.address, sensor.asset, sensor.expectedIntervalS, sensor.timeZone, sensor.site,
            sensor.owner, sensor.neighbours.isEmpty ? nil : sensor.neighbours.joined(separator: " "),
            sensor.sensitivity, sensor.mounting?.depthMM, sensor.mounting?.fullMM, sensor.adoptedBy,
        ]
    }

    static func sensor(_ row: Row) throws -> Sensor {
        let kind: UInt8 = row["kind"]
        var sensor = Sensor(id: row["id"], kind: try known(SensorKind(rawValue: kind), "sensor", "kind", kind))
        if let latitude: Double = row["latitude"], let longitude: Double = row["longitude"] {
            sensor.position = Sensor.Position(latitude: latitude, longitude: longitude)
        }
        sensor.ward = row["ward"]
        sensor.zone = row["zone"]
        sensor.gateway = row["gateway"]
        sensor.address = row["address"]
        sensor.asset = row["asset"]
        sensor.expectedIntervalS = row["expected_interval_s"]
        sensor.timeZone = row["time_zone"]
        sensor.site = row["site"]
        sensor.owner = row["owner"]
        let neighbours: String? = row["neighbours"]
        sensor.neighbours = neighbours?.split(separator: " ").map(String.init) ?? []
        sensor.sensitivity = row["sensitivity"]
        sensor.adoptedBy = row["adopted_by"]
        if let depth: Double = row["depth_mm"] {
            sensor.mounting = Mounting(depthMM: depth, fullMM: row["full_mm"] ?? 0)
        }
        return sensor
    }

    static func met(_ row: Row) throws -> CommitBatch.NewSensor {
        CommitBatch.NewSensor(
            sequence: row["sequence"], index: SensorIndex(rawValue: row["number"]), sensor: try sensor(row))
    }
}
