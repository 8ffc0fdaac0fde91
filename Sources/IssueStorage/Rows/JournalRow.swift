internal import GRDB
internal import Readings

/// How a place in a broker's journal stands in table `journal_position`. SQLite's integers are signed; the bits are kept.
enum JournalRow {
    static let upsertSQL = upsert(
        into: "journal_position", columns: ["journal", "segment", "offset"], key: "journal", keeping: ["journal"])

    static func arguments(_ position: JournalPosition) -> StatementArguments {
        [
            Int64(bitPattern: position.journal), Int64(bitPattern: position.segment),
            Int64(bitPattern: position.offset),
        ]
    }

    static func position(_ row: Row) -> JournalPosition {
        func number(_ column: String) -> UInt64 { UInt64(bitPattern: row[column] as Int64) }
        return JournalPosition(journal: number("journal"), segment: number("segment"), offset: number("offset"))
    }
}
