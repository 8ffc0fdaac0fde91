internal import IssueStorage
internal import Readings

extension LocalCommands {
    struct WantedAssets: Codable, Sendable {
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

    /// - Parameter reader: knows the assets that sensors stand at, heard or not.
    mutating func addAssets(_ store: any StoreDoor, _ reader: IssueReader, _ clock: WallClock) {
        let imports = OneAtATime(refusal: "another import of assets is under way; wait until it is done")
        register("assets.import", needs: .administer) { call in
            let wanted = try call.body(WantedAssets.self)
            return try await imports.run {
                do {
                    return try await Self.store(wanted, store) { done in
                        await call.report(LocalProgress(done: done, total: wanted.assets.count))
                    }
                } catch {
                    try? await store.write { db in try AssetImport.cancel(db) }
                    throw error
                }
            }
        }
        register("assets.adopt", needs: .administer) { call in
            let wanted = try call.body(Adoption.self)
            guard wanted.means != .email else { throw LocalError(code: "no_mail", Self.sendsNoMail) }
            let steward = Steward(
                assetID: wanted.assetID, name: wanted.name, means: wanted.means, contact: wanted.contact,
                sinceMs: clock.nowMs())
            var query = AssetQuery()
            query.id = wanted.assetID
            guard try await !reader.assets(query).isEmpty else {
                throw LocalError(
                    code: "unknown_asset",
                    "there is no asset \(wanted.assetID); import it, or name a sensor's asset and position in the registry"
                )
            }
            try await store.write { db in try StewardTable.store(db, steward) }
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

    /// A promise to write that nobody keeps would be worse than none.
    static let sendsNoMail = """
        Sluice sends no e-mail; --webhook tells a steward by POST to a URL, such as that of a mail gateway, and --mqtt under a \
        topic
        """

    /// In steps: readings are committed in between, and nobody sees half of it.
    private static func store(
        _ wanted: WantedAssets, _ store: any StoreDoor, progress: (Int) async -> Void
    ) async throws -> Imported {
        try await store.write { db in try AssetImport.begin(db) }
        var last: String?
        while !wanted.replaces {
            last = try await store.write { [last] db in try AssetImport.copy(db, behind: last) }
            if last == nil { break }
        }
        var done = 0
        while done < wanted.assets.count {
            let next = min(wanted.assets.count, done + AssetImport.step)
            try await store.write { [done] db in try AssetImport.add(db, wanted.assets[done..<next]) }
            done = next
            await progress(done)
        }
        let before = try await store.write { db in try AssetImport.finish(db) }
        return Imported(stored: wanted.assets.count, removed: wanted.replaces ? before : 0)
    }
}
