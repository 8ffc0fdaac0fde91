package import GRDB
internal import Incidents
internal import Open311

/// A photo that a request or an update of it names.
package struct NamedPhoto: Sendable, Equatable {
    /// As ``PhotoShelf/name(of:)`` gives it.
    package var name: String
    /// When the request was last changed, if it is closed; nil for an open one.
    package var closedAtMs: Int64?

    package init(name: String, closedAtMs: Int64? = nil) { (self.name, self.closedAtMs) = (name, closedAtMs) }
}

extension IssueReader {
    /// What is named by the requests behind `id` and their updates.
    ///
    /// Requests name photos without an index: this reads some thousands of them, and whoever wants all asks step by step.
    ///
    /// - Returns: the photos, and what to ask behind next; nil at the end.
    package func namedPhotos(
        behindRequest id: Int64, atMost count: Int64 = 5000
    ) async throws -> (photos: [NamedPhoto], next: Int64?) {
        try await read("photos") { db in
            let last = try Int64.fetchOne(db, sql: "SELECT max(id) FROM request") ?? 0
            guard id < last else { return ([], nil) }
            let end = min(id + count, last)
            return (try PhotoTable.named(db, "request.id > ? AND request.id <= ?", [id, end]), end)
        }
    }

    /// What is named by submissions that no stream has met yet.
    package func waitingPhotos() async throws -> [String] {
        try await read("photos that wait") { db in
            // As text: what can't be read as a submission names photos all the same. JSON may write a slash with a backslash
            // before it.
            try String.fetchAll(db, sql: "SELECT body FROM submission WHERE NOT is_answered AND body IS NOT NULL")
                .flatMap { PhotoName.all(in: $0.replacing("\\/", with: "/")) }
        }
    }
}

/// Which photos requests and their updates name.
package enum PhotoTable {
    /// The names of all photos of requests that the selection's people reported, staff's among them.
    package static func names(_ db: Database, _ selection: ReporterTable.Selection) throws -> Set<String> {
        guard let (ids, arguments) = ReporterTable.requests(selection) else { return [] }
        return Set(try named(db, "request.id IN (\(ids))", arguments).map(\.name))
    }

    /// - Parameter which: a condition on `request`.
    static func named(_ db: Database, _ which: String, _ arguments: StatementArguments) throws -> [NamedPhoto] {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT media_url AS url, description AS text, status, updated_at FROM request
                WHERE \(which) AND (\(names("media_url")) OR \(names("description")))
                UNION ALL
                SELECT request_update.media_url, request_update.text, request.status, request.updated_at
                FROM request JOIN request_update ON request_update.request_id = request.id
                WHERE \(which) AND (\(names("request_update.media_url")) OR \(names("request_update.text")))
                """, arguments: arguments + arguments)
        var found: [NamedPhoto] = []
        while let row = try rows.next() {
            let texts: [String?] = [row["url"], row["text"]]
            let closedAtMs: Int64? = row["status"] as String == "open" ? nil : row["updated_at"]
            found += texts.compactMap { $0 }.flatMap(PhotoName.all).map { NamedPhoto(name: $0, closedAtMs: closedAtMs) }
        }
        return found
    }

    private static func names(_ column: String) -> String { "instr(\(column), '\(PhotoName.prefix)') > 0" }
}
