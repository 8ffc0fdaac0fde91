internal import FoundationEssentials
package import GRDB

/// Table `secret`: what this store made for itself and tells nobody.
package enum SecretTable {
    /// What sensors' pseudonyms are made with.
    package static let pseudonyms = "pseudonyms"

    /// The 256 random bits of this name, made when they are first asked for.
    package static func bytes(_ db: Database, _ name: String) throws -> [UInt8] {
        if let known = try Data.fetchOne(db, sql: "SELECT bytes FROM secret WHERE name = ?", arguments: [name]) {
            return Array(known)
        }
        let made = made()
        try db.execute(sql: "INSERT INTO secret (name, bytes) VALUES (?, ?)", arguments: [name, Data(made)])
        return made
    }

    /// 256 new random bits.
    package static func made() -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return (0..<4).flatMap { _ in bytes(of: random.next()) }
    }

    private static func bytes(of word: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
    }
}
