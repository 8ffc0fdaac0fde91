internal import GRDB

/// Copies out of a damaged database what must outlive it, as far as it can be read: requests, so that no incident is
/// filed twice and no number is given twice; what is to be told about them; and sensors.
///
/// The damaged file is opened for reading only. A table is walked from its beginning to its end or to what can't be read, then
/// from its end back to there, and what is left between is looked up row by row.
struct Salvage {
    /// No greater number was ever given: 30 years of 1,000 requests a second. What says so is damaged.
    private static let greatestGiven: Int64 = 1 << 40
    /// Rows that are looked up one by one: a minute or two.
    private static let mostLookedUp: Int64 = 1 << 24

    private(set) var requests = 0
    private(set) var sensors = 0

    /// - Parameters:
    ///   - path: the damaged file.
    ///   - queue: the new database, which is empty.
    init(from path: String, into queue: DatabaseQueue) {
        var configuration = Configuration()
        configuration.readonly = true
        guard let damaged = try? DatabaseQueue(path: path, configuration: configuration) else { return }
        defer { try? damaged.close() }
        // What can't be copied stays where it is, in the file that was moved aside.
        try? damaged.read { old in
            try queue.write { new in
                try Schema.check(old, path: path, isReader: true)
                sensors = copySensors(old, new)
                requests = copy("request", by: ["id"], old, new)
                // Before there are any destinations in the new one: history is no news to them.
                _ = copy("request_update", by: ["request_id", "number"], old, new)
                try copyOutbox(old, new)
                for (table, key) in [
                    ("api_key", "id"), ("secret", "name"), ("asset", "id"), ("steward", "asset_id"), ("reporter", "id"),
                    ("submission", "id"),
                ] {
                    _ = copy(table, by: [key], old, new)
                }
                // Tickets name requests: none may be given twice.
                try SubmissionTable.skipGivenTickets(new)
                try RequestNumbers.skip(upTo: Self.greatestNumber(old), new)
            }
        }
    }

    /// What is still to be delivered, and under which numbers others know our requests: so that none is filed there twice.
    private func copyOutbox(_ old: Database, _ new: Database) throws {
        let identity = try? String.fetchOne(old, sql: "SELECT id FROM outbox_identity")
        if let identity { try? new.execute(sql: "UPDATE outbox_identity SET id = ?", arguments: [identity]) }
        _ = copy("outbox_destination", by: ["number"], old, new)
        for table in ["outbox_foreign", "outbox_topic"] {
            _ = copy(table, by: ["destination", "request_id"], old, new)
        }
        _ = copy("outbox", by: ["id"], old, new)
        // Of a request that is lost nothing can be told, but that a broker still holds its state.
        let isLost = "request_id NOT IN (SELECT id FROM request)"
        try new.execute(
            sql: """
                DELETE FROM outbox WHERE \(isLost);
                DELETE FROM outbox_foreign WHERE \(isLost);
                UPDATE outbox_topic SET clear_at = 0 WHERE \(isLost);
                """)
    }

    /// The greatest number of a request that is to be seen anywhere, also where the request itself can't be read any more.
    private static func greatestNumber(_ old: Database) -> Int64 {
        let places = [
            ("request", "id"), ("request_update", "request_id"), ("outbox", "request_id"),
            ("outbox_foreign", "request_id"),
            ("outbox_topic", "request_id"), ("submission", "request_id"), ("evidence_mark", "request_id"),
        ]
        return places.compactMap { table, column in
            try? Int64.fetchOne(old, sql: "SELECT max(\(column)) FROM \(table) WHERE \(column) <= \(greatestGiven)")
        }.max() ?? 0
    }

    /// The condition that a key is a text, or a number that may have been given.
    private static func isGiven(_ column: String) -> String {
        "(typeof(\(column)) <> 'integer' OR \(column) BETWEEN 0 AND \(greatestGiven))"
    }

    /// Sensors up to the first that is missing: their numbers must follow each other.
    private func copySensors(_ old: Database, _ new: Database) -> Int {
        var next: Int64 = 0
        return walk("SELECT * FROM sensor ORDER BY number", "sensor", old, new) { row in
            defer { next += 1 }
            return row["number"] == next
        }.count
    }

    /// Copies the rows that can be read.
    ///
    /// - Parameter key: the primary key. Rows between two that can't be walked are only looked up by a single number.
    private func copy(_ table: String, by key: [String], _ old: Database, _ new: Database) -> Int {
        var (least, greatest) = (Int64?.none, Int64?.none)
        let number = { (row: Row) in Int64.fromDatabaseValue(row[key[0]] as DatabaseValue) }
        let rows = "SELECT * FROM \(table) WHERE \(Self.isGiven(key[0])) ORDER BY"
        let upwards = walk("\(rows) \(key.joined(separator: ", "))", table, old, new) { row in
            least = number(row)
            return true
        }
        guard !upwards.isWhole else { return upwards.count }
        let back = key.map { "\($0) DESC" }.joined(separator: ", ")
        let downwards = walk("\(rows) \(back)", table, old, new) { row in
            greatest = number(row)
            return true
        }
        var count = upwards.count + downwards.count
        guard key.count == 1, let greatest, let begin = least ?? (greatest > 0 ? 0 : nil), begin < greatest,
            greatest - begin <= Self.mostLookedUp
        else { return count }
        for number in (begin + 1)..<greatest {
            count += walk("SELECT * FROM \(table) WHERE \(key[0]) = \(number)", table, old, new) { _ in true }.count
        }
        return count
    }

    /// Copies the rows of a query while they can be read and `isWanted` says so. Rows that the new database won't have, or has
    /// already, are left out.
    private func walk(
        _ sql: String, _ table: String, _ old: Database, _ new: Database, while isWanted: (Row) -> Bool
    ) -> (count: Int, isWhole: Bool) {
        var count = 0
        do {
            let rows = try Row.fetchCursor(old, sql: sql)
            while let row = try rows.next(), isWanted(row) {
                let columns = Array(row.columnNames)
                let marks = SQLCondition.marks(columns.count)
                let insert = try new.cachedStatement(
                    sql: "INSERT OR IGNORE INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(marks))")
                let isCopied = (try? insert.execute(arguments: StatementArguments(row.databaseValues))) != nil
                if isCopied { count += new.changesCount }
            }
            return (count, true)
        } catch {
            return (count, false)
        }
    }
}
