internal import GRDB
public import Readings

extension IssueReader {
    /// Assets that match, by id: imported ones, and those that sensors stand at, heard or not.
    public func assets(_ query: AssetQuery) async throws -> [Asset] {
        try await read("assets") { [registry] db in try AssetTable.assets(db, query, registry: registry()) }
    }

    /// How many match, whatever the query's limit.
    public func assetCount(_ query: AssetQuery) async throws -> Int {
        try await read("assets") { [registry] db in try AssetTable.count(db, query, registry: registry()) }
    }

    /// Which of these assets have a steward.
    public func adoptedAssets(among ids: [String]) async throws -> Set<String> {
        guard !ids.isEmpty else { return [] }
        return try await read("assets' stewards") { db in try StewardTable.adopted(db, among: ids) }
    }
}
