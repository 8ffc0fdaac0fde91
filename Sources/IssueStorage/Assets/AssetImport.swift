package import GRDB
package import Readings

/// An import of assets in small steps, between which readings are committed; to everybody else it happens at once.
///
/// ```
/// begin ─▶ copy what stays, a step at a time ─▶ add what is new, a step at a time ─▶ finish: the new table takes the old one's place
/// ```
/// Each step is a transaction of its own on table `asset_next`, which nobody reads. A crash before the last leaves the old
/// assets; what was made ready is cleared away by the next import.
package enum AssetImport {
    /// Assets a step: some 20 ms.
    package static let step = 1000

    /// Makes an empty table ready.
    package static func begin(_ db: Database) throws {
        try cancel(db)
        try db.execute(sql: "CREATE TABLE asset_next \(Schema.assetColumns)")
    }

    /// Copies assets that were there before, by id.
    ///
    /// - Parameter last: the id that the step before returned; nil: none.
    /// - Returns: the last id copied; nil when that was all.
    package static func copy(_ db: Database, behind last: String?) throws -> String? {
        try db.execute(
            sql: "INSERT INTO asset_next SELECT * FROM asset WHERE id > ? ORDER BY id LIMIT \(step)",
            arguments: [last ?? ""])
        guard db.changesCount == step else { return nil }
        return try String.fetchOne(db, sql: "SELECT max(id) FROM asset_next")
    }

    /// Adds a step's assets; those that are there already are stored anew.
    package static func add(_ db: Database, _ assets: some Collection<Asset>) throws {
        try AssetTable.store(db, assets, into: "asset_next")
    }

    /// Puts the new table into the old one's place.
    /// - Returns: how many assets there were before.
    package static func finish(_ db: Database) throws -> Int {
        let before = try Int.fetchOne(db, sql: "SELECT count(*) FROM asset") ?? 0
        try db.execute(
            sql: "DROP TABLE asset; ALTER TABLE asset_next RENAME TO asset; \(Schema.assetIndex)")
        return before
    }

    /// Clears away what was made ready.
    package static func cancel(_ db: Database) throws { try db.execute(sql: "DROP TABLE IF EXISTS asset_next") }
}
