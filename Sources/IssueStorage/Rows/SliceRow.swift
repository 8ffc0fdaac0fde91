internal import FoundationEssentials
internal import GRDB
internal import Incidents

/// How a part of the pipeline's saved state stands in table `state_slice`.
enum SliceRow {
    static let insertSQL = "INSERT INTO state_slice (turn, number, sequence, is_last, bytes) VALUES (?, ?, ?, ?, ?)"

    static func arguments(_ slice: StateSlice) -> StatementArguments {
        [slice.turn, slice.number, slice.sequence, slice.isLast, Data(slice.bytes)]
    }

    static func slice(_ row: Row) -> StateSlice {
        let bytes: Data = row["bytes"]
        return StateSlice(
            turn: row["turn"], number: row["number"], isLast: row["is_last"], sequence: row["sequence"],
            bytes: Array(bytes))
    }

    /// The newest complete turn: the numbers of its first and last row, or nil if there is none.
    ///
    /// One writer saves one turn after the other. A turn that a crash cut off has no last slice, and its number may be used
    /// again, so a turn is complete if the rows that lead up to its last slice are all its own.
    static func newestTurn(_ db: Database) throws -> ClosedRange<Int64>? {
        // Kept, as all that is asked before each step of upkeep: to prepare them takes longer than to run them.
        let lasts = try Row.fetchCursor(
            db.cachedStatement(sql: "SELECT id, turn, number FROM state_slice WHERE is_last ORDER BY id DESC"))
        while let last = try lasts.next() {
            let (id, turn, number): (Int64, Int64, Int64) = (last["id"], last["turn"], last["number"])
            let count = try Int64.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT count(*) FROM state_slice
                        WHERE id BETWEEN :first AND :last AND turn = :turn AND number = id - :first
                        """),
                arguments: ["first": id - number, "last": id, "turn": turn])
            if count == number + 1 { return (id - number)...id }
        }
        return nil
    }

    /// The row with which the newest turn begins, complete or not; nil if there is none.
    static func newestBeginning(_ db: Database) throws -> Int64? {
        try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM state_slice WHERE number = 0 ORDER BY id DESC LIMIT 1"))
    }

    /// The stream's place from which a start has to replay, or nil without a complete turn.
    static func firstSequence(_ db: Database) throws -> Int64? {
        guard let turn = try newestTurn(db) else { return nil }
        return try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT sequence FROM state_slice WHERE id = ?"), arguments: [turn.lowerBound])
    }
}
