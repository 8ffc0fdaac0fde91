internal import FoundationEssentials
package import GRDB
internal import Open311
package import Readings

/// Table `asset`; and the assets that sensors watch, as the registry names them.
package enum AssetTable {
    /// Stores assets, those that are there already anew. All or none of them: the caller's transaction.
    package static func store(_ db: Database, _ assets: some Collection<Asset>, into table: String = "asset") throws {
        let statement = try db.makeStatement(
            sql: """
                INSERT INTO \(table) (id, kind, latitude, longitude, name, address, ward) VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, latitude = excluded.latitude,
                    longitude = excluded.longitude, name = excluded.name, address = excluded.address,
                    ward = excluded.ward
                """)
        for asset in assets {
            try statement.execute(arguments: [
                asset.id, asset.kind, asset.latitude, asset.longitude, asset.name, asset.address, asset.ward,
            ])
        }
    }

    /// Assets that match, by id. An imported one stands before a sensor's of the same id.
    ///
    /// - Parameter registry: sensors that are known by it before they are heard.
    /// - Complexity: a walk over those between the box's parallels, and over the registry.
    package static func assets(_ db: Database, _ query: AssetQuery, registry: [Sensor] = []) throws -> [Asset] {
        let (sql, arguments) = try selection(query, registry)
        let bounds: StatementArguments = [query.limit, query.offset]
        return try Row.fetchAll(db, sql: sql + " ORDER BY 1 LIMIT ? OFFSET ?", arguments: arguments + bounds).map {
            row in
            var asset = Asset(id: row["id"], kind: row["kind"], latitude: row["latitude"], longitude: row["longitude"])
            (asset.name, asset.address, asset.ward) = (row["name"], row["address"], row["ward"])
            return asset
        }
    }

    /// How many match, whatever the query's limit.
    package static func count(_ db: Database, _ query: AssetQuery, registry: [Sensor] = []) throws -> Int {
        let (sql, arguments) = try selection(query, registry)
        return try Int.fetchOne(db, sql: "SELECT count(*) FROM (\(sql))", arguments: arguments) ?? 0
    }

    private static func selection(
        _ query: AssetQuery, _ registry: [Sensor]
    ) throws -> (sql: String, arguments: StatementArguments) {
        let imported = Source(id: "id", kind: "kind").condition(query)
        let watched = Source(id: "asset", kind: kindOfSensor).condition(query)
        let hidden = query.hiddenSensors.map { "\($0.rawValue)" }.sorted().joined(separator: ", ")
        let sql = """
            SELECT id, kind, latitude, longitude, name, address, ward FROM asset WHERE \(imported.sql)
            UNION ALL
            SELECT asset, \(kindOfSensor), latitude, longitude, NULL, address, ward FROM sensor
            WHERE asset IS NOT NULL AND latitude IS NOT NULL AND kind NOT IN (\(hidden)) AND \(watched.sql)
                AND NOT EXISTS (SELECT 1 FROM asset AS known WHERE known.id = sensor.asset)
            GROUP BY asset
            """
        let waiting = Waiting.all(registry, query)
        guard !waiting.isEmpty else { return (sql, imported.arguments + watched.arguments) }
        let unheard = """
            SELECT value ->> 'id', value ->> 'kind', value ->> 'latitude', value ->> 'longitude', NULL,
                value ->> 'address', value ->> 'ward'
            FROM json_each(?)
            WHERE NOT EXISTS (SELECT 1 FROM sensor AS met WHERE met.id = value ->> 'sensor')
                AND NOT EXISTS (SELECT 1 FROM asset AS known WHERE known.id = value ->> 'id')
                AND value ->> 'id' NOT IN (SELECT asset FROM sensor WHERE asset IS NOT NULL AND latitude IS NOT NULL)
            """
        let rows = String(decoding: try JSONEncoder().encode(waiting), as: UTF8.self)
        return (sql + " UNION ALL " + unheard, imported.arguments + watched.arguments + [rows])
    }

    /// What a sensor of the registry stands at that has perhaps not been heard yet.
    private struct Waiting: Encodable {
        var sensor, id, kind: String
        var latitude, longitude: Double
        var address, ward: String?

        /// Those that match, each asset once.
        static func all(_ registry: [Sensor], _ query: AssetQuery) -> [Waiting] {
            var named: Set<String> = []
            return registry.compactMap { sensor in
                guard let id = sensor.asset, let position = sensor.position, !query.hiddenSensors.contains(sensor.kind),
                    query.id.map({ $0 == id }) ?? true, query.kinds?.contains(sensor.kind.assetKind) ?? true,
                    query.box.map({ $0.holds(position) }) ?? true, named.insert(id).inserted
                else { return nil }
                return Waiting(
                    sensor: sensor.id, id: id, kind: sensor.kind.assetKind, latitude: position.latitude,
                    longitude: position.longitude, address: sensor.address, ward: sensor.ward)
            }
        }
    }

    /// What a sensor of each kind stands at.
    private static let kindOfSensor =
        "CASE kind" + SensorKind.allCases.map { " WHEN \($0.rawValue) THEN '\($0.assetKind)'" }.joined()
        + " ELSE '\(SensorKind.generic.assetKind)' END"

    /// Where the two tables differ.
    private struct Source {
        var id: String
        var kind: String

        func condition(_ query: AssetQuery) -> SQLCondition {
            var all = SQLCondition()
            if let box = query.box { all.inside(box, byPlace: true) }
            all.isIn(kind, query.kinds)
            all.add("\(id) = ?", ifAny: query.id)
            return all
        }
    }
}

extension GeoBox {
    /// One that crosses the 180th meridian holds what is beyond either edge.
    fileprivate func holds(_ position: Sensor.Position) -> Bool {
        let isBetween = west <= position.longitude && position.longitude <= east
        let isOutside = west <= position.longitude || position.longitude <= east
        return south <= position.latitude && position.latitude <= north && (west <= east ? isBetween : isOutside)
    }
}
