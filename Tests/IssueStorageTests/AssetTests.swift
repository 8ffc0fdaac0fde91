import GRDB
import Incidents
import IssueStorage
import Open311
import Readings
import Testing

@Suite struct AssetTests {
    private static func asset(_ id: String, _ latitude: Double, _ longitude: Double, kind: String = "bin") -> Asset {
        Asset(id: id, kind: kind, latitude: latitude, longitude: longitude)
    }

    private static func watched(
        _ number: UInt32, asset: String?, kind: SensorKind = .binFill, at position: Sensor.Position?
    ) -> CommitBatch.NewSensor {
        var sensor = Sensor(id: "sensor-\(number)", kind: kind)
        (sensor.asset, sensor.position) = (asset, position)
        return CommitBatch.NewSensor(
            sequence: Int64(number) + 1, index: SensorIndex(rawValue: number), sensor: sensor)
    }

    private func ids(_ tools: SteppedStore.Tools, _ change: (inout AssetQuery) -> Void = { _ in }) throws -> [String] {
        var query = AssetQuery()
        change(&query)
        let found = try AssetTable.assets(tools.db, query).map(\.id)
        let page = (query.limit, query.offset)
        if page == (AssetQuery.mostRows, 0) { #expect(try AssetTable.count(tools.db, query) == found.count) }
        return found
    }

    @Test func assetsAreFoundByBoxKindAndID() throws {
        try inStore { tools in
            try AssetTable.store(
                tools.db,
                [
                    Self.asset("a", 52.5, -1.9), Self.asset("b", 52.6, -1.8, kind: "hydrant"),
                    Self.asset("c", 10, 179.9), Self.asset("d", 10, -179.9),
                ])
            #expect(try ids(tools) == ["a", "b", "c", "d"])
            #expect(try ids(tools) { $0.box = GeoBox(west: -2, south: 52, east: -1.85, north: 53) } == ["a"])
            #expect(try ids(tools) { $0.box = GeoBox(west: 179, south: 0, east: -179, north: 20) } == ["c", "d"])
            #expect(try ids(tools) { $0.kinds = ["hydrant", "chamber"] } == ["b"])
            #expect(try ids(tools) { $0.id = "c" } == ["c"])
            #expect(try ids(tools) { ($0.limit, $0.offset) = (2, 1) } == ["b", "c"])
        }
    }

    @Test func whatSensorsStandAtIsAnAssetUnlessAnImportedOneHasItsName() throws {
        try inStore { tools in
            let here = Sensor.Position(latitude: 52.5, longitude: -1.9)
            try tools.commit {
                $0.newSensors = [
                    Self.watched(0, asset: "bin-1", at: here), Self.watched(1, asset: "bin-1", at: here),
                    Self.watched(2, asset: "road-1", kind: .traffic, at: here), Self.watched(3, asset: nil, at: here),
                    Self.watched(4, asset: "nowhere", at: nil), Self.watched(5, asset: "bin-2", at: here),
                ]
            }
            try AssetTable.store(tools.db, [Self.asset("bin-2", 51, 0, kind: "big-bin")])
            let all = try AssetTable.assets(tools.db, AssetQuery())
            #expect(all.map(\.id) == ["bin-1", "bin-2", "road-1"])
            #expect(all.map(\.kind) == ["bin", "big-bin", "road"])
            #expect(all[1].latitude == 51)
            #expect(try ids(tools) { $0.kinds = ["bin"] } == ["bin-1"])
            let box = GeoBox(west: -2, south: 52, east: -1, north: 53)
            #expect(try ids(tools) { $0.box = box } == ["bin-1", "road-1"])
            #expect(try ids(tools) { $0.hiddenSensors = [.traffic] } == ["bin-1", "bin-2"])
        }
    }

    @Test func whatAnUnheardSensorStandsAtIsAnAssetToo() throws {
        try inStore { tools in
            let (here, far) = (
                Sensor.Position(latitude: 52.5, longitude: -1.9), Sensor.Position(latitude: 10, longitude: 179.9)
            )
            try tools.commit {
                $0.newSensors = [
                    Self.watched(0, asset: "bin-0", at: here), Self.watched(1, asset: "shared", at: here),
                ]
            }
            try AssetTable.store(tools.db, [Self.asset("imported", 51, 0, kind: "big-bin")])
            // The registry has moved on from what sensor-0 said of itself; what is stored holds.
            let registry = [
                Self.watched(0, asset: "bin-new", at: here), Self.watched(7, asset: "bin-7", at: here),
                Self.watched(8, asset: "bin-7", at: here), Self.watched(9, asset: "imported", at: far),
                Self.watched(10, asset: "shared", at: far), Self.watched(11, asset: "nowhere", at: nil),
                Self.watched(12, asset: nil, at: here), Self.watched(13, asset: "road-1", kind: .traffic, at: far),
            ].map(\.sensor)
            func found(_ change: (inout AssetQuery) -> Void = { _ in }) throws -> [String] {
                var query = AssetQuery()
                change(&query)
                return try AssetTable.assets(tools.db, query, registry: registry).map(\.id)
            }
            #expect(try found() == ["bin-0", "bin-7", "imported", "road-1", "shared"])
            #expect(try AssetTable.count(tools.db, AssetQuery(), registry: registry) == 5)
            #expect(try found { ($0.limit, $0.offset) = (2, 1) } == ["bin-7", "imported"])
            #expect(try found { $0.id = "bin-7" } == ["bin-7"])
            #expect(try found { $0.kinds = ["road"] } == ["road-1"])
            #expect(try found { $0.hiddenSensors = [.traffic] } == ["bin-0", "bin-7", "imported", "shared"])
            #expect(try found { $0.box = GeoBox(west: 179, south: 0, east: -179, north: 20) } == ["road-1"])
        }
    }

    @Test func storingAgainReplacesAndAFailureLeavesEverything() throws {
        try inStore { tools in
            try AssetTable.store(tools.db, [Self.asset("a", 1, 1), Self.asset("b", 2, 2)])
            try AssetTable.store(tools.db, [Self.asset("a", 9, 9)])
            #expect(try AssetTable.assets(tools.db, AssetQuery()).map(\.latitude) == [9, 2])
            #expect(throws: DatabaseError.self) {
                try tools.db.inSavepoint {
                    try AssetTable.store(tools.db, [Self.asset("c", 3, 3), Self.asset("d", .nan, 3)])
                    return .commit
                }
            }
            #expect(try ids(tools) == ["a", "b"])
        }
    }

    @Test func anImportInStepsIsSeenWhenItIsDoneAndNotBefore() throws {
        try inStore { tools in
            let before = (0..<2500).map { Self.asset("old-\($0)", 1, Double($0) / 100) }
            try AssetTable.store(tools.db, before)
            func count(_ change: (inout AssetQuery) -> Void = { _ in }) throws -> Int {
                var query = AssetQuery()
                change(&query)
                return try AssetTable.count(tools.db, query)
            }
            // What is there stays, and is added to.
            try AssetImport.begin(tools.db)
            var (last, steps): (String?, Int) = (nil, 0)
            repeat {
                last = try AssetImport.copy(tools.db, behind: last)
                steps += 1
            } while last != nil
            #expect(steps == 3)
            try AssetImport.add(tools.db, [Self.asset("old-7", 9, 9), Self.asset("new", 9, 9)])
            #expect(try count() == 2500 && count { $0.id = "new" } == 0)
            #expect(try AssetImport.finish(tools.db) == 2500)
            #expect(try count() == 2501)
            #expect(try count { $0.box = GeoBox(west: 8, south: 8, east: 10, north: 10) } == 2)
            // One that can't be finished leaves all as it was, and the next begins anew.
            try AssetImport.begin(tools.db)
            #expect(throws: DatabaseError.self) { try AssetImport.add(tools.db, [Self.asset("x", .nan, 1)]) }
            #expect(try count() == 2501)
            try AssetImport.begin(tools.db)
            try AssetImport.add(tools.db, [Self.asset("alone", 5, 5)])
            #expect(try AssetImport.finish(tools.db) == 2501)
            #expect(try count() == 1)
            // The table's place in the schema is what a new database has.
            let sql = "SELECT name FROM sqlite_schema WHERE tbl_name = 'asset' AND type = 'index' AND sql IS NOT NULL"
            #expect(try String.fetchAll(tools.db, sql: sql) == ["asset_by_place"])
            try AssetImport.cancel(tools.db)
        }
    }

    @Test func anAssetHasOneStewardAtMost() throws {
        try inStore { tools in
            let mary = Steward(assetID: "a", name: "Mary", means: .mqtt, contact: "stewards/mary", sinceMs: midnightMs)
            let paul = Steward(
                assetID: "a", name: "Paul", means: .webhook, contact: "https://example.org/hook", sinceMs: midnightMs)
            try StewardTable.store(tools.db, mary)
            try StewardTable.store(tools.db, paul)
            #expect(try StewardTable.all(tools.db) == [paul])
            #expect(try StewardTable.adopted(tools.db, among: ["a", "b"]) == ["a"])
            #expect(try StewardTable.remove(tools.db, assetID: "a"))
            #expect(try !StewardTable.remove(tools.db, assetID: "a"))
            #expect(try StewardTable.all(tools.db).isEmpty)
        }
    }

    private func inStore(_ body: (SteppedStore.Tools) throws -> Void) throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try SteppedStore(directory: directory).run(body)
    }
}
