internal import GRDB

/// Copies out of a damaged database what must outlive it, as far as it can be read: requests, so that no incident is
/// filed twice and no number is given twice; what is to be told about them; and sensors.
///
/// The damaged file is opened for reading only. Each table is walked until it ends or can't be read any further.
struct Salvage {
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
                requests = copy("request", order: "id", old, new)
                // Before there are any destinations in the new one: history is no news to them.
                _ = copy("request_update", order: "request_id, number", old, new)
                copyOutbox(old, new)
                for (table, key) in [
                    ("api_key", "id"), ("secret", "name"), ("asset", "id"), ("steward", "asset_id"), ("reporter", "id"),
                    ("submission", "id"),
                ] {
                    _ = copy(table, order: key, old, new)
                }
                // Tickets name requests: none may be given twice.
                try SubmissionTable.skipGivenTickets(new)
            }
        }
    }

    /// What is still to be delivered, and under which numbers others know our requests: so that none is filed there twice.
    private func copyOutbox(_ old: Database, _ new: Database) {
        let identity = try? String.fetchOne(old, sql: "SELECT id FROM outbox_identity")
        if let identity { try? new.execute(sql: "UPDATE outbox_identity SET id = ?", arguments: [identity]) }
        for table in ["outbox_destination", "outbox_foreign", "outbox_topic", "outbox"] {
            _ = copy(table, order: table == "outbox" ? "id" : "1", old, new)
        }
    }

    /// Sensors up to the first that is missing: their numbers must follow each other.
    private func copySensors(_ old: Database, _ new: Database) -> Int {
        var next: Int64 = 0
        return copy("sensor", order: "number", old, new) { row in
            defer { next += 1 }
            return row["number"] == next
        }
    }

    /// Copies rows while they can be read and `isWanted` says so. Rows that the new database won't have are left out.
    private func copy(
        _ table: String, order: String, _ old: Database, _ new: Database, while isWanted: (Row) -> Bool = { _ in true }
    ) -> Int {
        var count = 0
        try? {
            let rows = try Row.fetchCursor(old, sql: "SELECT * FROM \(table) ORDER BY \(order)")
            while let row = try rows.next(), isWanted(row) {
                let columns = Array(row.columnNames)
                let marks = columns.map { _ in "?" }.joined(separator: ", ")
                let insert = try new.cachedStatement(
                    sql: "INSERT OR IGNORE INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(marks))")
                let isCopied = (try? insert.execute(arguments: StatementArguments(row.databaseValues))) != nil
                if isCopied { count += new.changesCount }
            }
        }()
        return count
    }
}
