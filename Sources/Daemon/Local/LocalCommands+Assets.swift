internal import IssueStorage
internal import Readings

extension LocalCommands {
    struct AssetImport: Codable, Sendable {
        var assets: [Asset]
        /// Whether those that are not in the list go.
        var replaces: Bool
    }

    struct Imported: Codable, Sendable {
        var stored: Int
        /// How many stood there before, where they were replaced.
        var removed: Int
    }

    struct Adoption: Codable, Sendable {
        var assetID: String
        var name: String
        var means: Steward.Means
        var contact: String
    }

    struct Released: Codable, Sendable { var assetID: String }

    mutating func addAssets(_ store: any StoreDoor, _ clock: WallClock) {
        register("assets.import", needs: .administer) { call in
            let wanted = try call.body(AssetImport.self)
            let (steps, step) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))
            async let imported = Self.store(wanted, store, step)
            for await done in steps { await call.report(LocalProgress(done: done, total: wanted.assets.count)) }
            return try await imported
        }
        register("assets.adopt", needs: .administer) { call in
            let wanted = try call.body(Adoption.self)
            let steward = Steward(
                assetID: wanted.assetID, name: wanted.name, means: wanted.means, contact: wanted.contact,
                sinceMs: clock.nowMs())
            try await store.write { db in
                var query = AssetQuery()
                query.id = wanted.assetID
                guard try !AssetTable.assets(db, query).isEmpty else {
                    throw LocalError(
                        code: "unknown_asset",
                        "there is no asset \(wanted.assetID); import it, or name the sensor's asset in the registry")
                }
                try StewardTable.store(db, steward)
            }
            return LocalNothing()
        }
        register("assets.release", needs: .administer) { call in
            let id = try call.body(Released.self).assetID
            guard try await store.write({ db in try StewardTable.remove(db, assetID: id) }) else {
                throw LocalError(code: "no_steward", "the asset \(id) has no steward")
            }
            return LocalNothing()
        }
        register("assets.stewards", needs: .administer) { _ in try await store.write { db in try StewardTable.all(db) }
        }
    }

    private static func store(
        _ wanted: AssetImport, _ store: any StoreDoor, _ step: AsyncStream<Int>.Continuation
    ) async throws -> Imported {
        defer { step.finish() }
        return try await store.write { db in
            let removed = wanted.replaces ? try AssetTable.removeAll(db) : 0
            try AssetTable.store(db, wanted.assets) { step.yield($0) }
            return Imported(stored: wanted.assets.count, removed: removed)
        }
    }
}
