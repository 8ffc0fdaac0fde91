internal import GRDB
internal import Open311

/// How a line of a request's history stands in table `request_update`.
enum UpdateRow {
    static let upsertSQL = upsert(
        into: "request_update",
        columns: ["request_id", "number", "at", "status", "text", "word", "author", "media_url", "external_id"],
        key: "request_id, number", keeping: ["request_id", "number"])

    static func arguments(_ update: RequestUpdate) -> StatementArguments {
        [
            update.requestID, update.number, update.atMs, update.status.rawValue, update.text, update.word.rawValue,
            update.author.rawValue, update.mediaURL, update.externalID,
        ]
    }

    static func update(_ row: Row) throws -> RequestUpdate {
        let (status, word, author): (String, String, String) = (row["status"], row["word"], row["author"])
        var update = RequestUpdate(
            requestID: row["request_id"], number: row["number"], atMs: row["at"],
            status: try known(ServiceRequest.Status(rawValue: status), "request_update", "status", status),
            text: row["text"], word: try known(UpdateWord(rawValue: word), "request_update", "word", word),
            author: try known(UpdateAuthor(rawValue: author), "request_update", "author", author))
        update.mediaURL = row["media_url"]
        update.externalID = row["external_id"]
        return update
    }
}
