internal import FoundationEssentials
package import GRDB
package import Open311

/// Table `api_key`.
package enum KeyTable {
    /// A key as it is recognised.
    package struct Entry: Sendable {
        package var key: APIKey
        package var hash: [UInt8]
    }

    /// Stores a new key by its hash.
    /// - Throws: ``KeyError``.
    package static func add(
        _ db: Database, secret: KeySecret, name: String, roles: Set<AccessRole>, ratePerMinute: Int, isPublic: Bool,
        atMs: Int64
    ) throws -> APIKey {
        try check(name: name, roles: roles, ratePerMinute: ratePerMinute, isPublic: isPublic)
        let isTaken = try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM api_key WHERE name = ? AND revoked_at IS NULL)", arguments: [name])
        guard isTaken != true else { throw KeyError.nameTaken(name) }
        try db.execute(
            sql: """
                INSERT INTO api_key (name, hash, hint, roles, rate_per_minute, is_public, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                name, Data(secret.hash), secret.hint, bits(of: roles), ratePerMinute, isPublic, atMs,
            ])
        return APIKey(
            id: db.lastInsertedRowID, name: name, hint: secret.hint, roles: roles, ratePerMinute: ratePerMinute,
            isPublic: isPublic, createdAtMs: atMs)
    }

    /// All keys, revoked ones too, oldest first.
    package static func all(_ db: Database) throws -> [Entry] {
        try Row.fetchAll(db, sql: "SELECT * FROM api_key ORDER BY id").map { row in
            var key = APIKey(
                id: row["id"], name: row["name"], hint: row["hint"], roles: roles(of: row["roles"]),
                ratePerMinute: row["rate_per_minute"], isPublic: row["is_public"], createdAtMs: row["created_at"])
            key.lastUsedAtMs = row["last_used_at"]
            key.revokedAtMs = row["revoked_at"]
            let hash: Data = row["hash"]
            return Entry(key: key, hash: Array(hash))
        }
    }

    /// Ends a key. What was written with it stays.
    /// - Throws: ``KeyError/unknownName(_:)``.
    package static func revoke(_ db: Database, name: String, atMs: Int64) throws {
        try db.execute(
            sql: "UPDATE api_key SET revoked_at = ? WHERE name = ? AND revoked_at IS NULL", arguments: [atMs, name])
        guard db.changesCount == 1 else { throw KeyError.unknownName(name) }
    }

    /// Notes when keys were last used, by their ids.
    package static func noteUse(_ db: Database, _ lastUsedAtMs: [Int64: Int64]) throws {
        for (id, atMs) in lastUsedAtMs {
            try db.execute(
                sql: "UPDATE api_key SET last_used_at = max(ifnull(last_used_at, 0), ?) WHERE id = ?",
                arguments: [atMs, id])
        }
    }

    private static func check(name: String, roles: Set<AccessRole>, ratePerMinute: Int, isPublic: Bool) throws(KeyError)
    {
        let isPrintable = name.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        guard (1...APIKey.longestName).contains(name.count), isPrintable else { throw .badName(name) }
        guard APIKey.rates.contains(ratePerMinute) else { throw .badRate(ratePerMinute) }
        guard !roles.isEmpty else { throw .withoutRoles }
        guard !isPublic || roles == [.report] else { throw .publicWithRoles }
    }

    /// Stored numbers: never renumber.
    private static func bit(of role: AccessRole) -> Int64 {
        switch role {
        case .report: 1
        case .update: 2
        case .administer: 4
        }
    }

    private static func bits(of roles: Set<AccessRole>) -> Int64 { roles.reduce(0) { $0 | bit(of: $1) } }

    private static func roles(of bits: Int64) -> Set<AccessRole> {
        Set(AccessRole.allCases.filter { bits & bit(of: $0) != 0 })
    }
}
