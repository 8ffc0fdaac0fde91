package import GRDB
package import Open311

/// Table `reporter`: personal data, which stands there and nowhere else.
///
/// Rows are erased in small steps. SQLite is told to overwrite what it deletes (`secure_delete`), so nothing is left in the
/// database file. Whoever erases empties the write-ahead log behind it (``StoreDoor/emptyLog()``). Copies of old pages may stand
/// beyond our reach: in backups, in snapshots of the file system, in a solid-state disk's spare blocks.
package enum ReporterTable {
    /// Rows that one step erases.
    package static let step = 500

    /// Stores a reporter and returns the row's id.
    package static func insert(_ db: Database, _ reporter: Reporter, atMs: Int64) throws -> Int64 {
        try db.execute(
            sql: """
                INSERT INTO reporter (created_at, first_name, last_name, email, phone, account_id, device_id)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                atMs, reporter.firstName, reporter.lastName, reporter.email, reporter.phone, reporter.accountID,
                reporter.deviceID,
            ])
        return db.lastInsertedRowID
    }

    /// The last requests that the same person reported, newest first: of the same e-mail address in any case, or the same phone,
    /// account or device. Names are no sign: many people share one.
    ///
    /// - Returns: at most 100.
    package static func earlierRequests(_ db: Database, _ reporter: Reporter) throws -> [Int64] {
        let signs: [(column: String, value: String?)] = [
            ("email", reporter.email), ("phone", reporter.phone), ("account_id", reporter.accountID),
            ("device_id", reporter.deviceID),
        ]
        let known = signs.filter { $0.value != nil }
        guard !known.isEmpty else { return [] }
        return try Int64.fetchAll(
            db,
            sql: """
                SELECT request_id FROM submission WHERE request_id IS NOT NULL AND reporter_id IN (
                    SELECT id FROM reporter WHERE \(known.map { "\($0.column) = ?" }.joined(separator: " OR ")))
                ORDER BY id DESC LIMIT 100
                """, arguments: StatementArguments(known.map(\.value)))
    }

    /// Whose data is to be erased.
    package enum Selection: Sendable, Equatable {
        /// Stored before this time, in milliseconds since the Unix epoch: ``step`` of them at a time, oldest first.
        case before(ms: Int64)
        /// Who reported this request.
        case request(Int64)
        /// Who gave this address, in any case.
        case email(String)
        /// Who gave this number, as it was written.
        case phone(String)
    }

    /// The requests that those who are meant reported, as a query of their ids; nil for an age, which means a person and not
    /// what he wrote.
    static func requests(_ selection: Selection) -> (sql: String, StatementArguments)? {
        func reported(_ condition: String) -> String {
            """
            SELECT request_id FROM submission WHERE request_id IS NOT NULL
                AND reporter_id IN (SELECT id FROM reporter WHERE \(condition))
            """
        }
        return switch selection {
        case .before: nil
        case .request(let id): ("SELECT ?", [id])
        case .email(let address): (reported("email = ?"), [address])
        case .phone(let number): (reported("phone = ?"), [number])
        }
    }

    /// Erases those who are meant.
    /// - Returns: how many.
    package static func erase(_ db: Database, _ selection: Selection) throws -> Int {
        switch selection {
        case .before(let ms):
            try erase(db, "SELECT id FROM reporter WHERE created_at < ? ORDER BY created_at LIMIT \(step)", [ms])
        case .request(let id):
            try erase(db, "SELECT reporter_id FROM submission WHERE request_id = ? AND reporter_id IS NOT NULL", [id])
        case .email(let address): try erase(db, "SELECT id FROM reporter WHERE email = ?", [address])
        case .phone(let number): try erase(db, "SELECT id FROM reporter WHERE phone = ?", [number])
        }
    }

    private static func erase(_ db: Database, _ selection: String, _ arguments: StatementArguments) throws -> Int {
        try db.execute(sql: "PRAGMA secure_delete = ON")
        defer { try? db.execute(sql: "PRAGMA secure_delete = FAST") }
        try db.execute(sql: "DELETE FROM reporter WHERE id IN (\(selection))", arguments: arguments)
        return db.changesCount
    }
}
