package import GRDB

/// Table `steward`.
package enum StewardTable {
    /// Gives an asset its steward, in place of the one it had.
    package static func store(_ db: Database, _ steward: Steward) throws {
        try db.execute(
            sql: """
                INSERT INTO steward (asset_id, name, means, contact, since) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (asset_id) DO UPDATE SET name = excluded.name, means = excluded.means,
                    contact = excluded.contact, since = excluded.since
                """,
            arguments: [steward.assetID, steward.name, steward.means.rawValue, steward.contact, steward.sinceMs])
    }

    /// Takes an asset's steward away, with what is known of him.
    /// - Returns: whether there was one.
    package static func remove(_ db: Database, assetID: String) throws -> Bool {
        try db.execute(sql: "PRAGMA secure_delete = ON")
        defer { try? db.execute(sql: "PRAGMA secure_delete = FAST") }
        try db.execute(sql: "DELETE FROM steward WHERE asset_id = ?", arguments: [assetID])
        return db.changesCount > 0
    }

    /// All stewards, by asset.
    package static func all(_ db: Database) throws -> [Steward] {
        try Row.fetchAll(db, sql: "SELECT * FROM steward ORDER BY asset_id").map(steward)
    }

    static func steward(_ row: Row) throws -> Steward {
        let means: String = row["means"]
        return Steward(
            assetID: row["asset_id"], name: row["name"],
            means: try known(Steward.Means(rawValue: means), "steward", "means", means), contact: row["contact"],
            sinceMs: row["since"])
    }

    /// Which of these assets have a steward.
    package static func adopted(_ db: Database, among ids: [String]) throws -> Set<String> {
        let marks = SQLCondition.marks(ids.count)
        return try String.fetchSet(
            db, sql: "SELECT asset_id FROM steward WHERE asset_id IN (\(marks))", arguments: StatementArguments(ids))
    }
}
