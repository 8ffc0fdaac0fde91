internal import FoundationEssentials
internal import GRDB
internal import Incidents
internal import Readings

/// How a message that could not be decoded stands in table `quarantine`.
enum QuarantineRow {
    static let insertSQL = """
        INSERT INTO quarantine (reason, arrived_at, topic, detail, payload, payload_bytes, sha256)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """

    /// Adds to the bytes that table `quarantine` holds, as ``size(_:)`` counts them.
    static let growSQL = "UPDATE progress SET done = done + ? WHERE task = \(HistoryProgress.quarantineBytes)"

    /// Takes off what the message with a number took, before ``removeSQL``.
    static let shrinkSQL = """
        UPDATE progress SET done = done - coalesce((SELECT \(sizeSQL) FROM quarantine WHERE id = ?), 0)
        WHERE task = \(HistoryProgress.quarantineBytes)
        """

    static let removeSQL = "DELETE FROM quarantine WHERE id = ?"

    /// The same as ``size(_:)`` of a stored row.
    static let sizeSQL = "length(topic) + length(CAST(detail AS BLOB)) + length(payload) + 64"

    /// What a message costs on disk, about.
    static func size(_ message: QuarantinedMessage) -> Int {
        message.topic.count + message.detail.utf8.count + message.payload.count + 64
    }

    static func arguments(_ message: QuarantinedMessage) -> StatementArguments {
        [
            Int64(message.reason.rawValue), message.arrivedAtMs, Data(message.topic), message.detail,
            Data(message.payload), message.payloadBytes, message.payloadSHA256.map { Data($0) },
        ]
    }

    static func message(_ row: Row) throws -> QuarantinedMessage {
        let reason: UInt8 = row["reason"]
        let (topic, payload, hash): (Data, Data, Data?) = (row["topic"], row["payload"], row["sha256"])
        return QuarantinedMessage(
            reason: try known(QuarantineReason(rawValue: reason), "quarantine", "reason", reason),
            arrivedAtMs: row["arrived_at"], topic: Array(topic), detail: row["detail"], payload: Array(payload),
            payloadBytes: row["payload_bytes"], payloadSHA256: hash.map { Array($0) })
    }
}
