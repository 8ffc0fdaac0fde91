internal import GRDB

/// A transaction of work that can be done again: it needs no fsync of its own.
///
/// The next commit of a batch makes it durable; a power cut before that takes it back whole, with its progress.
enum HistoryTransaction {
    static func run(_ db: Database, _ body: () throws -> Void) throws {
        let synchronous = try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? 2
        try db.execute(sql: "PRAGMA synchronous = NORMAL")
        let result = Result { try attempt(db, body) }
        // What is acknowledged later must be on the disk, so a connection that can't be set back is not to be used.
        do {
            try db.execute(sql: "PRAGMA synchronous = \(synchronous)")
        } catch {
            throw UnusableConnection(reason: "its settings could not be restored: \(error)")
        }
        try result.get()
    }

    private static func attempt(_ db: Database, _ body: () throws -> Void) throws {
        do {
            try db.beginTransaction(.immediate)
            try body()
            try db.commit()
        } catch {
            try? db.rollback()
            throw error
        }
    }
}

/// The connection has to be opened anew.
package struct UnusableConnection: Error, CustomStringConvertible {
    var reason: String
    package var description: String { "the connection can't be used on: \(reason)" }
}
