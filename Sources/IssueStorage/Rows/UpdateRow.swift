internal import GRDB
internal import Open311

/// How a line of a request's history stands in table `request_update`.
enum UpdateRow {
    /// What ``update(_:)`` reads, in its order.
    static let columns = names.joined(separator: ", ")

    private static let names = [
        "request_id", "number", "at", "status", "text", "word", "author", "media_url", "external_id",
    ]

    static let upsertSQL = upsert(
        into: "request_update", columns: names, key: "request_id, number", keeping: ["request_id", "number"])

    static func arguments(_ update: RequestUpdate) -> StatementArguments {
        [
            update.requestID, update.number, update.atMs, update.status.rawValue, update.text, update.word.rawValue,
            update.author.rawValue, update.mediaURL, update.externalID,
        ]
    }

    /// Of a row that begins with ``columns``.
    static func update(_ row: Row) throws -> RequestUpdate {
        var cells = RowCells(row)
        let (requestID, number, atMs): (Int64, Int, Int64) = (cells.next(), cells.next(), cells.next())
        let (status, text): (String, String) = (cells.next(), cells.next())
        let (word, author): (String, String) = (cells.next(), cells.next())
        var update = RequestUpdate(
            requestID: requestID, number: number, atMs: atMs,
            status: try known(ServiceRequest.Status(rawValue: status), "request_update", "status", status),
            text: text, word: try known(UpdateWord(rawValue: word), "request_update", "word", word),
            author: try known(UpdateAuthor(rawValue: author), "request_update", "author", author))
        update.mediaURL = cells.next()
        update.externalID = cells.next()
        return update
    }
}
